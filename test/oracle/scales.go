package main

// What the disruption controller asks about owners of pods that it has no cache of: their scales, as a server with the built-in kinds has them.

import (
	autoscaling "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	scalefake "k8s.io/client-go/scale/fake"
	"k8s.io/client-go/testing"
)

var appsGroup = schema.GroupVersion{Group: "apps", Version: "v1"}

var scaledKinds = map[string]string{"Deployment": "deployments", "ReplicaSet": "replicasets", "StatefulSet": "statefulsets"}

func scaleKinds() meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{appsGroup})
	for kind := range scaledKinds {
		mapper.Add(appsGroup.WithKind(kind), meta.RESTScopeNamespace)
	}
	return mapper
}

// scalesOf answers from the objects of a fake clientset, and tells its discovery that there are scales.
func scalesOf(client *fake.Clientset) *scalefake.FakeScaleClient {
	list := &metav1.APIResourceList{GroupVersion: appsGroup.String()}
	for _, plural := range scaledKinds {
		list.APIResources = append(list.APIResources, metav1.APIResource{Name: plural + "/scale", Group: "autoscaling", Version: "v1", Kind: "Scale"})
	}
	client.Resources = append(client.Resources, list)
	scales := &scalefake.FakeScaleClient{}
	scales.AddReactor("get", "*", func(action testing.Action) (bool, runtime.Object, error) {
		get := action.(testing.GetAction)
		resource := get.GetResource().GroupResource()
		object, err := client.Tracker().Get(appsGroup.WithResource(resource.Resource), get.GetNamespace(), get.GetName())
		if err != nil {
			return true, nil, apierrors.NewNotFound(resource, get.GetName())
		}
		accessor, err := meta.Accessor(object)
		must(err)
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		must(err)
		replicas, _ := content["spec"].(map[string]any)["replicas"].(int64)
		scale := &autoscaling.Scale{ObjectMeta: metav1.ObjectMeta{Name: accessor.GetName(), UID: accessor.GetUID()}}
		scale.Spec.Replicas = int32(replicas)
		return true, scale, nil
	})
	return scales
}
