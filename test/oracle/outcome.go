package main

// What one sync of a controller comes to, in a form that does not depend on when it ran or on names that were drawn.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/testing"
	"k8s.io/client-go/util/workqueue"
)

// write is one request that changes something.
type write struct {
	Verb     string `json:"verb"`
	Resource string `json:"resource"`
	Name     string `json:"name,omitempty"`
	Object   any    `json:"object,omitempty"`
}

type syncOutcome struct {
	Writes []write  `json:"writes,omitempty"`
	Events []string `json:"events,omitempty"`
	// Again: when the key comes back by itself, s; 0 = rate-limited.
	Again []float64 `json:"again,omitempty"`
	// Failed: the sync ended with an error, or panicked.
	Failed bool `json:"failed,omitempty"`

	lock    sync.Mutex
	created int
}

type eventKeeper struct{ outcome *syncOutcome }

func (k *eventKeeper) Event(_ runtime.Object, eventType, reason, message string) {
	k.outcome.lock.Lock()
	defer k.outcome.lock.Unlock()
	k.outcome.Events = append(k.outcome.Events, eventType+" "+reason+" "+message)
}
func (k *eventKeeper) Eventf(object runtime.Object, eventType, reason, format string, args ...any) {
	k.Event(object, eventType, reason, fmt.Sprintf(format, args...))
}
func (k *eventKeeper) AnnotatedEventf(object runtime.Object, _ map[string]string, eventType, reason, format string, args ...any) {
	k.Event(object, eventType, reason, fmt.Sprintf(format, args...))
}

type queueKeeper struct {
	workqueue.TypedRateLimitingInterface[string]
	outcome *syncOutcome
}

func (k *queueKeeper) Add(string) {}
func (k *queueKeeper) AddAfter(_ string, wait time.Duration) {
	k.outcome.Again = append(k.outcome.Again, wait.Seconds())
}
func (k *queueKeeper) AddRateLimited(string)  { k.outcome.Again = append(k.outcome.Again, 0) }
func (k *queueKeeper) Forget(string)          {}
func (k *queueKeeper) NumRequeues(string) int { return 0 }

// keep writes a request down; what it holds may still change, so it is encoded at once.
func (o *syncOutcome) keep(action testing.Action) {
	kept := write{Verb: action.GetVerb(), Resource: action.GetResource().Resource}
	if action.GetSubresource() != "" {
		kept.Resource += "/" + action.GetSubresource()
	}
	switch typed := action.(type) {
	case testing.CreateActionImpl:
		kept.Name, kept.Object = nameOf(typed.Object), contentOf(typed.Object, false)
	case testing.UpdateActionImpl:
		kept.Name, kept.Object = nameOf(typed.Object), contentOf(typed.Object, action.GetSubresource() == "status")
	case testing.PatchActionImpl:
		kept.Name, kept.Object = typed.Name, json.RawMessage(typed.Patch)
	case testing.DeleteActionImpl:
		kept.Name = typed.Name
	default:
		return
	}
	if kept.Resource == "events" {
		return
	}
	o.Writes = append(o.Writes, kept)
}

// contentOf is what a write says besides what kind of object it is of; the rest of the object goes along with an update of its status unread.
func contentOf(object runtime.Object, isStatus bool) map[string]any {
	var content map[string]any
	must(json.Unmarshal(encode(object), &content))
	metadata := content["metadata"].(map[string]any)
	if isStatus {
		return map[string]any{"annotations": metadata["annotations"], "status": content["status"]}
	}
	for _, each := range []string{"apiVersion", "kind"} {
		delete(content, each)
	}
	for _, each := range []string{"namespace", "resourceVersion"} {
		delete(metadata, each)
	}
	return content
}

func nameOf(object runtime.Object) string {
	accessor, err := meta.Accessor(object)
	must(err)
	return accessor.GetName()
}

var stamp = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`)

// finish brings an outcome into its recorded form: instants as "@seconds before now", nothing that is zero or empty, and in order what has none.
func (o *syncOutcome) finish(now time.Time, form form) any {
	if form.silent {
		o.Events = nil
	}
	for i, wait := range o.Again {
		o.Again[i] = math.Round(wait/form.step) * form.step
	}
	text := stamp.ReplaceAllFunc(o.withoutHashes(), func(quoted []byte) []byte {
		at, err := time.Parse(time.RFC3339Nano, string(quoted[1:len(quoted)-1]))
		must(err)
		seconds := int(math.Floor(now.Sub(at).Seconds()/form.step+0.5) * form.step)
		return []byte(`"@` + strconv.Itoa(seconds) + `"`)
	})
	var kept struct {
		Writes []any     `json:"writes,omitempty"`
		Events []string  `json:"events,omitempty"`
		Again  []float64 `json:"again,omitempty"`
		Failed bool      `json:"failed,omitempty"`
	}
	must(json.Unmarshal(text, &kept))
	for i, each := range kept.Writes {
		kept.Writes[i] = prune(each)
		sortUncounted(kept.Writes[i])
	}
	sortWrites(kept.Writes, form.ordered)
	sort.Strings(kept.Events)
	sort.Float64s(kept.Again)
	return kept
}

var hashLabels = []string{"pod-template-hash", "controller-revision-hash", "controller.kubernetes.io/hash"}

// withoutHashes is the outcome's text with HASH for those of templates, which are this version's own.
func (o *syncOutcome) withoutHashes() []byte {
	text := encode(o)
	for _, each := range o.Writes {
		if each.Verb != "create" || each.Resource == "pods" {
			continue
		}
		var made struct {
			Metadata struct {
				Labels map[string]string `json:"labels"`
			} `json:"metadata"`
		}
		must(json.Unmarshal(encode(each.Object), &made))
		for _, label := range hashLabels {
			if hash := made.Metadata.Labels[label]; hash != "" {
				text = bytes.ReplaceAll(text, []byte(hash), []byte("HASH"))
			}
		}
	}
	return text
}

func sortWrites(writes []any, ordered bool) {
	texts := make([]string, len(writes))
	for i, each := range writes {
		texts[i] = string(encode(each))
	}
	isPatch := func(i int) bool { return strings.Contains(texts[i], `"verb":"patch"`) }
	for first := 0; first < len(texts); {
		end := first + 1
		for end < len(texts) && (!ordered || isPatch(first) && isPatch(end)) {
			end++
		}
		sort.Strings(texts[first:end])
		first = end
	}
	for i := range writes {
		must(json.Unmarshal([]byte(texts[i]), &writes[i]))
	}
}

// sortUncounted: a Job's lists of pods that are being counted are sets.
func sortUncounted(write any) {
	object, _ := write.(map[string]any)["object"].(map[string]any)
	status, _ := object["status"].(map[string]any)
	lists, _ := status["uncountedTerminatedPods"].(map[string]any)
	for _, list := range lists {
		uids := list.([]any)
		sort.Slice(uids, func(i, j int) bool { return uids[i].(string) < uids[j].(string) })
	}
}

// prune leaves out what is absent to a reader: null, zero, an empty text, list or map.
func prune(value any) any {
	switch typed := value.(type) {
	case map[string]any:
		for key, each := range typed {
			if kept := prune(each); kept == nil {
				delete(typed, key)
			} else {
				typed[key] = kept
			}
		}
		if len(typed) == 0 {
			return nil
		}
	case []any:
		for i, each := range typed {
			typed[i] = prune(each)
		}
		if len(typed) == 0 {
			return nil
		}
	case string:
		if typed == "" {
			return nil
		}
	case float64:
		if typed == 0 {
			return nil
		}
	case bool:
		if !typed {
			return nil
		}
	}
	return value
}
