package main

// Subject of the kubelet: what it does to the containers of a pod by what it finds of them (computePodActions).

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"unsafe"

	cadvisorapi "github.com/google/cadvisor/info/v1"
	"go.opentelemetry.io/otel/trace/noop"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/flowcontrol"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	fakeruntime "k8s.io/cri-api/pkg/apis/testing"
	"k8s.io/kubernetes/pkg/kubelet/allocation"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	kubecontainer "k8s.io/kubernetes/pkg/kubelet/container"
	"k8s.io/kubernetes/pkg/kubelet/kuberuntime"
	proberesults "k8s.io/kubernetes/pkg/kubelet/prober/results"
)

func init() {
	subjects["pod-actions"] = answerPodActions
}

// podActions has the fields of kuberuntime's own type, in its order.
type podActions struct {
	KillPod                    bool
	CreateSandbox              bool
	SandboxID                  string
	Attempt                    uint32
	InitContainersToStart      []int
	ContainersToStart          []int
	ContainersToKill           map[kubecontainer.ContainerID]containerToKillInfo
	EphemeralContainersToStart []int
	ContainersToUpdate         map[v1.ResourceName][]struct{}
	UpdatePodResources         bool
}

type containerToKillInfo struct {
	container *v1.Container
	name      string
	message   string
	reason    string
}

//go:linkname computePodActions k8s.io/kubernetes/pkg/kubelet/kuberuntime.(*kubeGenericRuntimeManager).computePodActions
func computePodActions(manager unsafe.Pointer, ctx context.Context, pod *v1.Pod, status *kubecontainer.PodStatus) podActions

// foundContainer is what the runtime says of one container: state running, exited, created or unknown, and what its probes say.
type foundContainer struct {
	State    string `json:"state"`
	ExitCode int    `json:"exitCode"`
	Startup  string `json:"startup"`
	Liveness string `json:"liveness"`
}

func answerPodActions(raw json.RawMessage) any {
	var input struct {
		Pod     *v1.Pod                   `json:"pod"`
		Sandbox string                    `json:"sandbox"`
		Found   map[string]foundContainer `json:"found"`
	}
	must(json.Unmarshal(raw, &input))
	startup, liveness := proberesults.NewManager(), proberesults.NewManager()
	manager := newRuntimeManager(startup, liveness)
	status := &kubecontainer.PodStatus{ID: "uid", Name: "one"}
	if input.Sandbox != "none" {
		sandbox := &runtimeapi.PodSandboxStatus{Id: "sandbox", Metadata: &runtimeapi.PodSandboxMetadata{}}
		sandbox.State = runtimeapi.PodSandboxState_SANDBOX_NOTREADY
		if input.Sandbox == "ready" {
			sandbox.State = runtimeapi.PodSandboxState_SANDBOX_READY
		}
		sandbox.Network = &runtimeapi.PodSandboxNetworkStatus{Ip: "10.0.0.1"}
		status.SandboxStatuses = []*runtimeapi.PodSandboxStatus{sandbox}
	}
	for _, container := range append(append([]v1.Container{}, input.Pod.Spec.InitContainers...), input.Pod.Spec.Containers...) {
		found, known := input.Found[container.Name]
		if !known {
			continue
		}
		id := kubecontainer.ContainerID{Type: "containerd", ID: container.Name}
		status.ContainerStatuses = append(status.ContainerStatuses, &kubecontainer.Status{
			ID: id, Name: container.Name, State: kubecontainer.State(found.State), ExitCode: found.ExitCode,
			Reason: reasonOf(found), Hash: kubecontainer.HashContainer(&container),
		})
		setResult(startup, id, found.Startup, input.Pod)
		setResult(liveness, id, found.Liveness, input.Pod)
	}
	actions := computePodActions(manager, context.Background(), input.Pod, status)
	killed := []string{}
	for id, info := range actions.ContainersToKill {
		killed = append(killed, fmt.Sprintf("%s: %s", id.ID, info.message))
	}
	sort.Strings(killed)
	return map[string]any{
		"killPod": actions.KillPod, "createSandbox": actions.CreateSandbox, "kill": killed,
		"startInit": orEmpty(actions.InitContainersToStart), "start": orEmpty(actions.ContainersToStart),
	}
}

func newRuntimeManager(startup, liveness proberesults.Manager) unsafe.Pointer {
	root, err := os.MkdirTemp("", "oracle")
	must(err)
	defer os.RemoveAll(root)
	manager, _, err := kuberuntime.NewKubeGenericRuntimeManager(
		context.Background(), record.NewFakeRecorder(1000), liveness, proberesults.NewManager(), startup, root, root,
		&cadvisorapi.MachineInfo{}, nil, 110, nil, nil, nil, flowcontrol.NewBackOff(1, 1), true, nil, 0, 0,
		"NeverVerify", nil, "", "", nil, true, metav1.Duration{}, fakeruntime.NewFakeRuntimeService(), fakeruntime.NewFakeImageService(),
		cm.NewFakeContainerManager(), nil, nil, allocation.NewInMemoryManager(nil, nil, nil, nil, nil, nil), false, "", nil, 0, nil,
		noop.NewTracerProvider(), nil, nil)
	must(err)
	return reflect.ValueOf(manager).UnsafePointer()
}

func setResult(results proberesults.Manager, id kubecontainer.ContainerID, result string, pod *v1.Pod) {
	if result == "success" {
		results.Set(id, proberesults.Success, pod)
	} else if result == "failure" {
		results.Set(id, proberesults.Failure, pod)
	}
}

func reasonOf(found foundContainer) string {
	if found.State == "exited" && found.ExitCode != 0 {
		return "Error"
	}
	return ""
}

func orEmpty(list []int) []int {
	if list == nil {
		return []int{}
	}
	return list
}
