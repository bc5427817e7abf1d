package main

// Subjects that are one sync of a controller over objects in its caches, with client-go's fake clientset as the server.

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
	_ "unsafe"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	batchinformers "k8s.io/client-go/informers/batch/v1"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/testing"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/kubernetes/pkg/controller/daemon"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/disruption"
	"k8s.io/kubernetes/pkg/controller/job"
	"k8s.io/kubernetes/pkg/controller/replicaset"
	"k8s.io/kubernetes/pkg/controller/statefulset"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
)

//go:linkname syncDeployment k8s.io/kubernetes/pkg/controller/deployment.(*DeploymentController).syncDeployment
func syncDeployment(c *deployment.DeploymentController, ctx context.Context, key string) error

//go:linkname syncReplicaSet k8s.io/kubernetes/pkg/controller/replicaset.(*ReplicaSetController).syncReplicaSet
func syncReplicaSet(c *replicaset.ReplicaSetController, ctx context.Context, key string) error

//go:linkname syncStatefulSet k8s.io/kubernetes/pkg/controller/statefulset.(*StatefulSetController).sync
func syncStatefulSet(c *statefulset.StatefulSetController, ctx context.Context, key string) error

//go:linkname statefulSetPatch k8s.io/kubernetes/pkg/controller/statefulset.getPatch
func statefulSetPatch(set *apps.StatefulSet) ([]byte, error)

//go:linkname syncDaemonSet k8s.io/kubernetes/pkg/controller/daemon.(*DaemonSetsController).syncDaemonSet
func syncDaemonSet(c *daemon.DaemonSetsController, ctx context.Context, key string) error

//go:linkname daemonSetPatch k8s.io/kubernetes/pkg/controller/daemon.getPatch
func daemonSetPatch(set *apps.DaemonSet) ([]byte, error)

//go:linkname newJobController k8s.io/kubernetes/pkg/controller/job.newControllerWithClock
func newJobController(ctx context.Context, pods coreinformers.PodInformer, jobs batchinformers.JobInformer, client kubernetes.Interface, clock clock.WithTicker) (*job.Controller, error)

//go:linkname syncJob k8s.io/kubernetes/pkg/controller/job.(*Controller).syncJob
func syncJob(c *job.Controller, ctx context.Context, key string) error

//go:linkname syncBudget k8s.io/kubernetes/pkg/controller/disruption.(*DisruptionController).sync
func syncBudget(c *disruption.DisruptionController, ctx context.Context, key string) error

//go:linkname syncStaleDisruption k8s.io/kubernetes/pkg/controller/disruption.(*DisruptionController).syncStalePodDisruption
func syncStaleDisruption(c *disruption.DisruptionController, ctx context.Context, key string) error

// bench is what a controller is made from: caches that hold the objects, the fake server, the time.
type bench struct {
	ctx       context.Context
	client    *fake.Clientset
	informers informers.SharedInformerFactory
	clock     clock.WithTicker
}

// syncer makes a controller and returns it with its sync.
type syncer func(b bench) (controller any, sync func(ctx context.Context, key string) error)

// form is how a subject's outcomes are recorded.
type form struct {
	// step: instants and waits are rounded to so many seconds.
	step float64
	// ordered: the writes have an order; runs of patches never do.
	ordered bool
	// silent: events are left out, for here they are told through a recorder of the controller's own.
	silent bool
}

var (
	// realClock: the controller asks the machine's clock, which goes on meanwhile, so its cases' times are multiples of 10 s.
	realClock = form{step: 5}
	heldClock = form{step: 1}
)

func init() {
	subjects["deployment"] = syncSubject(form{step: 5, ordered: true}, func(b bench) (any, func(context.Context, string) error) {
		apps := b.informers.Apps().V1()
		c, err := deployment.NewDeploymentController(b.ctx, apps.Deployments(), apps.ReplicaSets(), b.informers.Core().V1().Pods(), b.client)
		must(err)
		return c, func(ctx context.Context, key string) error { return syncDeployment(c, ctx, key) }
	})
	subjects["replicaset"] = syncSubject(realClock, func(b bench) (any, func(context.Context, string) error) {
		c := replicaset.NewReplicaSetController(b.ctx, b.informers.Apps().V1().ReplicaSets(), b.informers.Core().V1().Pods(), b.client, replicaset.BurstReplicas)
		return c, func(ctx context.Context, key string) error { return syncReplicaSet(c, ctx, key) }
	})
	subjects["statefulset"] = syncSubject(realClock, func(b bench) (any, func(context.Context, string) error) {
		apps, core := b.informers.Apps().V1(), b.informers.Core().V1()
		c := statefulset.NewStatefulSetController(b.ctx, core.Pods(), apps.StatefulSets(), core.PersistentVolumeClaims(), apps.ControllerRevisions(), b.client)
		return c, func(ctx context.Context, key string) error { return syncStatefulSet(c, ctx, key) }
	})
	subjects["daemonset"] = syncSubject(realClock, func(b bench) (any, func(context.Context, string) error) {
		apps, core := b.informers.Apps().V1(), b.informers.Core().V1()
		backOff := flowcontrol.NewBackOff(time.Second, 15*time.Minute)
		c, err := daemon.NewDaemonSetsController(b.ctx, apps.DaemonSets(), apps.ControllerRevisions(), core.Pods(), core.Nodes(), b.client, backOff)
		must(err)
		return c, func(ctx context.Context, key string) error { return syncDaemonSet(c, ctx, key) }
	})
	subjects["job"] = syncSubject(heldClock, func(b bench) (any, func(context.Context, string) error) {
		c, err := newJobController(b.ctx, b.informers.Core().V1().Pods(), b.informers.Batch().V1().Jobs(), b.client, b.clock)
		must(err)
		return c, func(ctx context.Context, key string) error { return syncJob(c, ctx, key) }
	})
	subjects["pdb"] = syncSubject(form{step: 1, silent: true}, func(b bench) (any, func(context.Context, string) error) {
		c := newDisruption(b)
		return c, func(ctx context.Context, key string) error { return syncBudget(c, ctx, key) }
	})
	subjects["stale-disruption"] = syncSubject(heldClock, func(b bench) (any, func(context.Context, string) error) {
		c := newDisruption(b)
		return c, func(ctx context.Context, key string) error { return syncStaleDisruption(c, ctx, key) }
	})
}

func newDisruption(b bench) *disruption.DisruptionController {
	apps, core := b.informers.Apps().V1(), b.informers.Core().V1()
	return disruption.NewDisruptionControllerInternal(b.ctx, core.Pods(), b.informers.Policy().V1().PodDisruptionBudgets(), core.ReplicationControllers(),
		apps.ReplicaSets(), apps.Deployments(), apps.StatefulSets(), b.client, scaleKinds(), scalesOf(b.client), b.client.Discovery(), b.clock, 2*time.Minute)
}

// syncInput: times in the objects are "@seconds before now".
type syncInput struct {
	Key     string            `json:"key"`
	Objects []json.RawMessage `json:"objects"`
	// RefuseAfter: so many pods are created before all others are refused.
	RefuseAfter *int `json:"refuseAfter"`
}

var age = regexp.MustCompile(`"@(-?\d+)"`)

func syncSubject(form form, make syncer) func(json.RawMessage) any {
	return func(raw json.RawMessage) any {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		now := time.Now().UTC().Truncate(time.Second)
		input, objects := readInput(raw, now)
		outcome := &syncOutcome{}
		b := bench{ctx, newServer(objects, input.RefuseAfter, outcome), nil, clocktesting.NewFakeClock(now)}
		b.informers = informers.NewSharedInformerFactory(b.client, 0)
		controller, sync := make(b)
		wire(controller, outcome)
		fill(b.informers, objects)
		outcome.Failed = failed(func() error { return sync(ctx, input.Key) })
		return outcome.finish(now, form)
	}
}

func failed(run func() error) (bad bool) {
	defer func() { bad = recover() != nil || bad }()
	return run() != nil
}

func readInput(raw json.RawMessage, now time.Time) (input syncInput, objects []runtime.Object) {
	text := age.ReplaceAllFunc(raw, func(quoted []byte) []byte {
		seconds, err := strconv.Atoi(string(quoted[2 : len(quoted)-1]))
		must(err)
		return []byte(`"` + now.Add(time.Duration(-seconds)*time.Second).Format(time.RFC3339) + `"`)
	})
	must(json.Unmarshal(text, &input))
	for _, each := range input.Objects {
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode(each, nil, nil)
		must(err)
		if revision, ok := object.(*apps.ControllerRevision); ok {
			must(writeAsOwnerDoes(revision))
		}
		objects = append(objects, object)
	}
	return input, objects
}

// writeAsOwnerDoes brings a revision's data into the bytes that its owner's controller writes, for it compares them as they are.
func writeAsOwnerDoes(revision *apps.ControllerRevision) (err error) {
	var data struct {
		Spec struct {
			Template core.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	}
	if err = json.Unmarshal(revision.Data.Raw, &data); err != nil {
		return err
	}
	if revision.Annotations["kind"] == "DaemonSet" {
		revision.Data.Raw, err = daemonSetPatch(&apps.DaemonSet{Spec: apps.DaemonSetSpec{Template: data.Spec.Template}})
	} else {
		revision.Data.Raw, err = statefulSetPatch(&apps.StatefulSet{Spec: apps.StatefulSetSpec{Template: data.Spec.Template}})
	}
	return err
}

// newServer is a fake clientset that writes down what it is asked to change, gives names, and refuses pods.
func newServer(objects []runtime.Object, refuseAfter *int, outcome *syncOutcome) *fake.Clientset {
	client := fake.NewSimpleClientset(objects...)
	client.PrependReactor("*", "*", func(action testing.Action) (bool, runtime.Object, error) {
		outcome.lock.Lock()
		defer outcome.lock.Unlock()
		outcome.keep(action)
		create, ok := action.(testing.CreateActionImpl)
		if !ok {
			return false, nil, nil
		}
		if action.GetResource().Resource == "pods" && refuseAfter != nil {
			if outcome.created++; outcome.created > *refuseAfter {
				return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, nameOf(create.Object), fmt.Errorf("exceeded quota"))
			}
		}
		if accessor, _ := meta.Accessor(create.Object); accessor.GetName() == "" {
			accessor.SetName(accessor.GetGenerateName() + "new")
			return true, create.Object, nil
		}
		return false, nil, nil
	})
	return client
}

func fill(factory informers.SharedInformerFactory, objects []runtime.Object) {
	for _, object := range objects {
		kinds, _, err := scheme.Scheme.ObjectKinds(object)
		must(err)
		resource, _ := meta.UnsafeGuessKindToResource(kinds[0])
		informer, err := factory.ForResource(resource)
		must(err)
		must(informer.Informer().GetIndexer().Add(object))
	}
}
