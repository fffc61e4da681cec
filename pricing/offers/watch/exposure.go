package watch

import (
	"encoding/json"
	"fmt"

	"beckon/clickstream"
)

// Names of the events that the server generates about offers.
const (
	ExposureName = "offer_exposure" // an arm was given to a shopper; Props are an Exposure's
	SeenName     = "offer_seen"     // the shopper's page showed the offer; Props are {"offer":id}
)

// Arm is what a shopper was given.
type Arm uint8

// The arms of a campaign.
const (
	OfferArm   Arm = iota // the offer
	HoldoutArm            // nothing: kept from it to measure what it brings
	arms
)

func (a Arm) String() string { return [arms]string{"offer", "holdout"}[a] }

// Exposure is what an offer_exposure event says.
type Exposure struct {
	Campaign string
	Arm      Arm
	Offer    string // its id; of a holdout the id that the offer would have had
	Until    int64  // Unix ms at which the offer ends or would have ended
	Currency string // of the campaign, "" if not known
}

type exposureProps struct {
	Campaign string `json:"campaign"`
	Arm      string `json:"arm"`
	Offer    string `json:"offer"`
	Until    int64  `json:"until"`
	Currency string `json:"currency,omitempty"`
}

const maxPropText = 256 // bytes of a campaign or an offer id

// Props is the exposure as an event's Props.
func (e *Exposure) Props() string {
	text, _ := json.Marshal(exposureProps{e.Campaign, e.Arm.String(), e.Offer, e.Until, e.Currency}) // strings and a number: no error
	return string(text)
}

// ReadExposure reads the props of an offer_exposure event.
func ReadExposure(props string) (Exposure, error) {
	var p exposureProps
	if err := json.Unmarshal([]byte(props), &p); err != nil {
		return Exposure{}, fmt.Errorf("exposure: %w", err)
	}
	e := Exposure{Campaign: p.Campaign, Offer: p.Offer, Until: p.Until, Currency: p.Currency}
	switch p.Arm {
	case OfferArm.String():
	case HoldoutArm.String():
		e.Arm = HoldoutArm
	default:
		return Exposure{}, fmt.Errorf("exposure: arm %q is neither offer nor holdout", p.Arm)
	}
	if e.Campaign == "" || len(e.Campaign) > maxPropText || len(e.Offer) > maxPropText || len(e.Currency) > 8 {
		return Exposure{}, fmt.Errorf("exposure: campaign %.40q, offer %.40q or currency %.10q is empty or too long", e.Campaign, e.Offer, e.Currency)
	}
	return e, nil
}

// exposureOf reads the event's exposure if it is one that the server generated. A shop's own event of that name is none.
func exposureOf(e *clickstream.Event) (Exposure, bool) {
	if !e.Generated || e.Kind != clickstream.Custom || e.Name != ExposureName {
		return Exposure{}, false
	}
	x, err := ReadExposure(e.Props)
	return x, err == nil
}

// SeenProps is what an offer_seen event says.
func SeenProps(offer string) string {
	text, _ := json.Marshal(map[string]string{"offer": offer})
	return string(text)
}

func seenOf(e *clickstream.Event) (offer string, ok bool) {
	if !e.Generated || e.Kind != clickstream.Custom || e.Name != SeenName {
		return "", false
	}
	var p struct {
		Offer string `json:"offer"`
	}
	return p.Offer, json.Unmarshal([]byte(e.Props), &p) == nil && p.Offer != ""
}
