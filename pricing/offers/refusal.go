package offers

import "fmt"

// Refusal is a record that was not carried out, and why: state is as before. Code is stable and snake_case; Message names the field.
//
// Codes: bad_body bad_id bad_who bad_campaign too_many_campaigns campaign_exists campaign_ended budget_below_spent currency_fixed
// bad_state unknown_campaign; of redemptions and cancellations unknown_offer offer_ended expired used cancelled other_shopper
// currency no_discount bad_transaction bad_cart bad_code.
type Refusal struct{ Code, Message string }

func (e *Refusal) Error() string { return e.Message }

// RefusalCode is e's code, for callers that know several packages' refusals.
func (e *Refusal) RefusalCode() string { return e.Code }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}
