package main

// The scheduler's queueing hints: which plugins of the default profile, having rejected a pod, would have it tried again after a change.

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	core "k8s.io/api/core/v1"
	resource "k8s.io/api/resource/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/latest"
	"k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/kubernetes/pkg/scheduler/metrics"
)

func init() {
	var asker *hintAsker
	var once sync.Once
	subjects["hints"] = func(input json.RawMessage) any {
		once.Do(func() { asker = newHintAsker() })
		return asker.answer(input)
	}
}

// claimTracker holds the claims of one case.
type claimTracker struct {
	framework.SharedDRAManager
	framework.ResourceClaimTracker
	claims map[string]*resource.ResourceClaim
}

func (t *claimTracker) ResourceClaims() framework.ResourceClaimTracker { return t }
func (t *claimTracker) Get(namespace, name string) (*resource.ResourceClaim, error) {
	claim := t.claims[namespace+"/"+name]
	if claim == nil {
		return nil, fmt.Errorf("not found")
	}
	return claim, nil
}

type namedHint struct {
	plugin string
	event  fwk.ClusterEvent
	asks   fwk.QueueingHintFn
}

type hintAsker struct {
	claims *claimTracker
	hints  []namedHint
}

func newHintAsker() *hintAsker {
	ctx := context.Background()
	metrics.Register()
	config, err := latest.Default()
	must(err)
	client := fake.NewClientset()
	claims := &claimTracker{}
	scheduler, err := frameworkruntime.NewFramework(ctx, plugins.NewInTreeRegistry(), &config.Profiles[0],
		frameworkruntime.WithClientSet(client), frameworkruntime.WithInformerFactory(informers.NewSharedInformerFactory(client, 0)),
		frameworkruntime.WithSharedDRAManager(claims), frameworkruntime.WithSnapshotSharedLister(cache.NewEmptySnapshot()))
	must(err)
	asker := &hintAsker{claims: claims}
	for _, extension := range scheduler.EnqueueExtensions() {
		asker.register(ctx, extension)
	}
	return asker
}

// register does what the scheduler's buildQueueingHintMap does: an event without a function always helps, and who waits for new nodes also
// waits for taints that go.
func (a *hintAsker) register(ctx context.Context, extension framework.EnqueueExtensions) {
	events, err := extension.EventsToRegister(ctx)
	must(err)
	always := func(klog.Logger, *core.Pod, any, any) (fwk.QueueingHint, error) { return fwk.Queue, nil }
	adds, taints := false, false
	for _, each := range events {
		asks := each.QueueingHintFn
		if asks == nil {
			asks = always
		}
		if each.Event.Resource == fwk.Node {
			adds = adds || each.Event.ActionType&fwk.Add != 0
			taints = taints || each.Event.ActionType&fwk.UpdateNodeTaint != 0
		}
		a.hints = append(a.hints, namedHint{extension.Name(), each.Event, asks})
	}
	if adds && !taints {
		a.hints = append(a.hints, namedHint{extension.Name(), fwk.ClusterEvent{Resource: fwk.Node, ActionType: fwk.UpdateNodeTaint}, always})
	}
}

type hintInput struct {
	// Plugins: those that are asked, in the order of the answer.
	Plugins []string        `json:"plugins"`
	Pod     json.RawMessage `json:"pod"`
	// Claims: the ResourceClaims that there are.
	Claims []*resource.ResourceClaim `json:"claims"`
	// Changed: the kind that changed, "Self" for the rejected pod.
	Changed string          `json:"changed"`
	Action  string          `json:"action"`
	Old     json.RawMessage `json:"old"`
	New     json.RawMessage `json:"new"`
}

// answer: the plugins that would have the pod tried again, in order; an error counts as that.
func (a *hintAsker) answer(raw json.RawMessage) any {
	var input hintInput
	must(json.Unmarshal(raw, &input))
	a.claims.claims = map[string]*resource.ResourceClaim{}
	for _, claim := range input.Claims {
		a.claims.claims[claim.Namespace+"/"+claim.Name] = claim
	}
	pod := &core.Pod{}
	must(json.Unmarshal(input.Pod, pod))
	before, after := decodeChanged(input.Changed, input.Old), decodeChanged(input.Changed, input.New)
	helps := map[string]bool{}
	for _, event := range clusterEvents(input, before, after) {
		for _, hint := range a.hints {
			if helps[hint.plugin] || !framework.MatchClusterEvents(hint.event, event) {
				continue
			}
			answer, err := hint.asks(klog.Background(), pod, before, after)
			helps[hint.plugin] = err != nil || answer == fwk.Queue
		}
	}
	names := []string{}
	for _, plugin := range input.Plugins {
		if helps[plugin] {
			names = append(names, plugin)
		}
	}
	return names
}

func decodeChanged(kind string, raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	makers := map[string]func() any{
		"Self":                  func() any { return &core.Pod{} },
		"Pod":                   func() any { return &core.Pod{} },
		"Node":                  func() any { return &core.Node{} },
		"PersistentVolume":      func() any { return &core.PersistentVolume{} },
		"PersistentVolumeClaim": func() any { return &core.PersistentVolumeClaim{} },
		"StorageClass":          func() any { return &storage.StorageClass{} },
		"CSINode":               func() any { return &storage.CSINode{} },
		"CSIDriver":             func() any { return &storage.CSIDriver{} },
		"CSIStorageCapacity":    func() any { return &storage.CSIStorageCapacity{} },
		"VolumeAttachment":      func() any { return &storage.VolumeAttachment{} },
		"ResourceClaim":         func() any { return &resource.ResourceClaim{} },
		"ResourceSlice":         func() any { return &resource.ResourceSlice{} },
		"DeviceClass":           func() any { return &resource.DeviceClass{} },
	}
	object := makers[kind]()
	must(json.Unmarshal(raw, object))
	return object
}

func clusterEvents(input hintInput, before, after any) []fwk.ClusterEvent {
	action := map[string]fwk.ActionType{"add": fwk.Add, "update": fwk.Update, "delete": fwk.Delete}[input.Action]
	switch input.Changed {
	case "Pod":
		if input.Action == "add" {
			return []fwk.ClusterEvent{framework.EventAssignedPodAdd}
		}
		if input.Action == "delete" {
			return []fwk.ClusterEvent{framework.EventAssignedPodDelete}
		}
		return framework.PodSchedulingPropertiesChange(after.(*core.Pod), before.(*core.Pod))
	case "Self":
		return framework.PodSchedulingPropertiesChange(after.(*core.Pod), before.(*core.Pod))
	case "Node":
		if input.Action == "update" {
			return framework.NodeSchedulingPropertiesChange(after.(*core.Node), before.(*core.Node))
		}
	}
	return []fwk.ClusterEvent{{Resource: eventResource(input.Changed), ActionType: action}}
}

func eventResource(kind string) fwk.EventResource {
	switch kind {
	case "CSIDriver", "CSIStorageCapacity", "CSINode", "VolumeAttachment", "StorageClass":
		return fwk.EventResource("storage.k8s.io/" + kind)
	case "ResourceClaim", "ResourceSlice", "DeviceClass":
		return fwk.EventResource("resource.k8s.io/" + kind)
	}
	return fwk.EventResource(kind)
}
