package main

// How the oracle gets at what Kubernetes does not export: functions by the linker's name, fields by reflection.

import (
	"reflect"
	"strings"
	"unsafe"

	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
)

var (
	recorderType    = reflect.TypeOf((*record.EventRecorder)(nil)).Elem()
	broadcasterType = reflect.TypeOf((*record.EventBroadcaster)(nil)).Elem()
	queueType       = reflect.TypeOf((*workqueue.TypedRateLimitingInterface[string])(nil)).Elem()
	delayType       = reflect.TypeOf((*workqueue.TypedDelayingInterface[string])(nil)).Elem()
	syncedType      = reflect.TypeOf((*cache.InformerSynced)(nil)).Elem()
)

// wire gives a controller, and what it keeps below itself, a recorder and a queue that write down what they get, and caches that are synced.
func wire(controller any, outcome *syncOutcome) {
	wireValue(reflect.ValueOf(controller).Elem(), outcome)
}

func wireValue(value reflect.Value, outcome *syncOutcome) {
	for i := 0; i < value.NumField(); i++ {
		field := value.Field(i)
		field = reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
		switch field.Type() {
		case recorderType:
			field.Set(reflect.ValueOf(&eventKeeper{outcome: outcome}))
		case broadcasterType:
			field.Interface().(record.EventBroadcaster).Shutdown()
		case queueType, delayType:
			field.Interface().(workqueue.TypedDelayingInterface[string]).ShutDown()
			field.Set(reflect.ValueOf(&queueKeeper{outcome: outcome}))
		case syncedType:
			field.Set(reflect.ValueOf(cache.InformerSynced(func() bool { return true })))
		default:
			wireInside(field, outcome)
		}
	}
}

// wireInside follows pointers and interfaces to structs of the controllers' packages; what an interface holds by value is put back.
func wireInside(field reflect.Value, outcome *syncOutcome) {
	if field.Kind() == reflect.Interface && !field.IsNil() {
		held := field.Elem()
		if held.Kind() == reflect.Struct && ofControllers(held.Type()) {
			copied := reflect.New(held.Type()).Elem()
			copied.Set(held)
			wireValue(copied, outcome)
			field.Set(copied)
			return
		}
		field = held
	}
	if field.Kind() == reflect.Pointer && !field.IsNil() && field.Elem().Kind() == reflect.Struct && ofControllers(field.Elem().Type()) {
		wireValue(field.Elem(), outcome)
	}
}

func ofControllers(t reflect.Type) bool {
	return strings.HasPrefix(t.PkgPath(), "k8s.io/kubernetes/pkg/controller")
}
