package main

// Subjects of the API's machinery: quantities, label selectors.

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"
)

func init() {
	subjects["quantity"] = answerQuantity
	subjects["selector"] = answerSelector
}

// refused: the input is no valid one.
var refused = map[string]any{"refused": true}

func answerQuantity(raw json.RawMessage) any {
	var input struct {
		Text  string `json:"text"`
		Other string `json:"other"`
	}
	must(json.Unmarshal(raw, &input))
	quantity, err := resource.ParseQuantity(input.Text)
	if err != nil {
		return refused
	}
	number, suffix := quantity.CanonicalizeBytes(nil)
	answer := map[string]any{
		"text": string(number) + string(suffix),
	}
	if isBelow(quantity, exact) {
		answer["value"] = quantity.Value()
	}
	if isBelow(quantity, exact/1000) {
		answer["milli"] = quantity.MilliValue()
	}
	if other, err := resource.ParseQuantity(input.Other); err == nil {
		answer["compared"] = quantity.Cmp(other)
	}
	return answer
}

// exact: numbers below it are exact in JavaScript; those above are not compared.
const exact = 1<<53 - 1

func isBelow(quantity resource.Quantity, limit int64) bool {
	rounded := quantity.Value()
	return quantity.CmpInt64(limit) < 0 && quantity.CmpInt64(-limit) > 0 && rounded < limit && -rounded < limit
}

func answerSelector(raw json.RawMessage) any {
	var input struct {
		Text   string              `json:"text"`
		Labels []map[string]string `json:"labels"`
	}
	must(json.Unmarshal(raw, &input))
	selector, err := labels.Parse(input.Text)
	if err != nil {
		return refused
	}
	matches := []bool{}
	for _, each := range input.Labels {
		matches = append(matches, selector.Matches(labels.Set(each)))
	}
	return map[string]any{"matches": matches}
}
