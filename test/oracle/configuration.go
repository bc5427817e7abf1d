package main

// kube-scheduler's configuration file: decoded strictly, with defaults, validated, and made into profiles.

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/events"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/validation"
	"k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/kubernetes/pkg/scheduler/metrics"
	"k8s.io/kubernetes/pkg/scheduler/profile"
)

func init() {
	var once sync.Once
	subjects["configuration"] = func(input json.RawMessage) any {
		once.Do(metrics.Register)
		return answerConfiguration(input)
	}
}

func answerConfiguration(input json.RawMessage) (answer any) {
	// A strategy RequestedToCapacityRatio without a shape passes the validation, and ends kube-scheduler when it starts.
	defer func() {
		if recover() != nil {
			answer = refused
		}
	}()
	configuration := decodeConfiguration(input)
	if configuration == nil {
		return refused
	}
	profiles := buildProfiles(configuration.Profiles)
	if profiles == nil {
		return refused
	}
	return map[string]any{
		"percentageOfNodesToScore": *configuration.PercentageOfNodesToScore,
		"backoffSeconds":           []int64{configuration.PodInitialBackoffSeconds, configuration.PodMaxBackoffSeconds},
		"profiles":                 profiles,
	}
}

// decodeConfiguration returns nil for a file that kube-scheduler refuses.
func decodeConfiguration(input json.RawMessage) *config.KubeSchedulerConfiguration {
	decoded, kind, err := scheme.Codecs.UniversalDecoder().Decode(input, nil, nil)
	if err != nil {
		return nil
	}
	configuration, ok := decoded.(*config.KubeSchedulerConfiguration)
	if !ok {
		return nil
	}
	configuration.TypeMeta.APIVersion = kind.GroupVersion().String()
	if validation.ValidateKubeSchedulerConfiguration(configuration) != nil {
		return nil
	}
	return configuration
}

// buildProfiles returns what each profile comes to, by its scheduler's name; nil where one cannot be made.
func buildProfiles(given []config.KubeSchedulerProfile) map[string]any {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client := fake.NewClientset()
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: client.EventsV1()})
	defer broadcaster.Shutdown()
	made, err := profile.NewMap(ctx, given, plugins.NewInTreeRegistry(), profile.NewRecorderFactory(broadcaster),
		frameworkruntime.WithClientSet(client), frameworkruntime.WithInformerFactory(informers.NewSharedInformerFactory(client, 0)),
		frameworkruntime.WithSharedDRAManager(&claimTracker{}), frameworkruntime.WithSnapshotSharedLister(cache.NewEmptySnapshot()))
	if err != nil {
		return nil
	}
	profiles := map[string]any{}
	for _, each := range given {
		enabled := pluginsAt(made[each.SchedulerName].ListPlugins())
		arguments := map[string]any{}
		for _, entry := range each.PluginConfig {
			if answer := argumentsOf(entry.Args); answer != nil && isEnabled(entry.Name, enabled) {
				arguments[entry.Name] = answer
			}
		}
		profiles[each.SchedulerName] = map[string]any{
			"percentageOfNodesToScore": each.PercentageOfNodesToScore,
			"plugins":                  enabled,
			"arguments":                arguments,
		}
	}
	return profiles
}

// pluginsAt lists what is enabled at each point in the order in which it runs, what scores with its weight.
func pluginsAt(enabled *config.Plugins) map[string]string {
	points := map[string]config.PluginSet{
		"preEnqueue": enabled.PreEnqueue, "queueSort": enabled.QueueSort, "preFilter": enabled.PreFilter, "filter": enabled.Filter,
		"postFilter": enabled.PostFilter, "preScore": enabled.PreScore, "score": enabled.Score, "reserve": enabled.Reserve,
		"permit": enabled.Permit, "preBind": enabled.PreBind, "bind": enabled.Bind, "postBind": enabled.PostBind,
	}
	lists := map[string]string{}
	for point, set := range points {
		names := []string{}
		for _, each := range set.Enabled {
			if point == "score" {
				names = append(names, fmt.Sprintf("%s*%d", each.Name, each.Weight))
			} else {
				names = append(names, each.Name)
			}
		}
		lists[point] = strings.Join(names, " ")
	}
	return lists
}

// isEnabled: arguments of other plugins have no effect.
func isEnabled(plugin string, enabled map[string]string) bool {
	for _, names := range enabled {
		for _, name := range strings.Fields(names) {
			if each, _, _ := strings.Cut(name, "*"); each == plugin {
				return true
			}
		}
	}
	return false
}

// argumentsOf is what is compared of a plugin's arguments; nil for nothing.
func argumentsOf(given any) any {
	switch args := given.(type) {
	case *config.NodeResourcesFitArgs:
		shape := []int32{}
		if args.ScoringStrategy.RequestedToCapacityRatio != nil {
			for _, point := range args.ScoringStrategy.RequestedToCapacityRatio.Shape {
				shape = append(shape, point.Utilization, point.Score)
			}
		}
		return []any{
			strings.Join(args.IgnoredResources, " "), strings.Join(args.IgnoredResourceGroups, " "),
			args.ScoringStrategy.Type, weightsOf(args.ScoringStrategy.Resources), shape,
		}
	case *config.NodeResourcesBalancedAllocationArgs:
		return weightsOf(args.Resources)
	case *config.InterPodAffinityArgs:
		return []any{args.HardPodAffinityWeight, args.IgnorePreferredTermsOfExistingPods}
	case *config.DefaultPreemptionArgs:
		return []any{args.MinCandidateNodesPercentage, args.MinCandidateNodesAbsolute}
	case *config.VolumeBindingArgs:
		return args.BindTimeoutSeconds
	case *config.NodeAffinityArgs:
		return args.AddedAffinity
	case *config.PodTopologySpreadArgs:
		if args.DefaultingType == config.SystemDefaulting {
			return "System"
		}
		constraints := []any{}
		for _, each := range args.DefaultConstraints {
			constraints = append(constraints, []any{each.MaxSkew, each.TopologyKey, each.WhenUnsatisfiable})
		}
		return constraints
	}
	return nil
}

func weightsOf(resources []config.ResourceSpec) []string {
	weights := []string{}
	for _, each := range resources {
		weights = append(weights, fmt.Sprintf("%s*%d", each.Name, each.Weight))
	}
	return weights
}
