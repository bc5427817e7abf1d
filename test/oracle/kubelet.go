package main

// Subject of the kubelet: whether it takes a pod, and which others it kills for it.

import (
	"encoding/json"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/kubernetes/pkg/kubelet/lifecycle"
	"k8s.io/kubernetes/pkg/kubelet/preemption"
	schedulerframework "k8s.io/kubernetes/pkg/scheduler/framework"
)

func init() {
	subjects["admission"] = answerAdmission
}

func answerAdmission(raw json.RawMessage) any {
	var input struct {
		Node *v1.Node  `json:"node"`
		Pods []*v1.Pod `json:"pods"`
		Pod  *v1.Pod   `json:"pod"`
	}
	must(json.Unmarshal(raw, &input))
	killed := []string{}
	active := func() []*v1.Pod { return input.Pods }
	kill := func(pod *v1.Pod, _ bool, _ *int64, _ func(*v1.PodStatus)) error {
		killed = append(killed, pod.Name)
		return nil
	}
	handler := preemption.NewCriticalPodAdmissionHandler(active, kill, record.NewFakeRecorder(1000))
	admit := lifecycle.NewPredicateAdmitHandler(
		func() (*v1.Node, error) { return input.Node, nil },
		handler,
		func(*schedulerframework.NodeInfo, *lifecycle.PodAdmitAttributes) error { return nil },
	)
	result := admit.Admit(&lifecycle.PodAdmitAttributes{Pod: input.Pod, OtherPods: input.Pods})
	return map[string]any{"admit": result.Admit, "reason": result.Reason, "message": result.Message, "killed": killed}
}
