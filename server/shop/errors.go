package shop

import (
	"errors"
	"fmt"
)

// Refusal is a command that was not carried out, and why. Code is stable and snake_case; Message names the field.
//
// Codes: unknown_site site_exists bad_site bad_settings site_retired; unknown_key too_many_keys bad_key bad_origin key_exists;
// unknown_reservation reservation_differs
// reservation_committed reservation_sold reservation_released reservation_expired too_many_reservations sold_out; unknown_user user_exists bad_user bad_password bad_role last_admin; bad_session stale_login bad_code used_code no_totp; unknown_item too_many_items not_tracked and those of
// Rejection for single items.
type Refusal struct {
	Code    string
	Message string
}

func (e *Refusal) Error() string { return e.Message }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

// ErrClosed is returned by commands after Close.
var ErrClosed = errors.New("shop: closed")

// StoppedError is returned by commands after the fold met a record that it cannot read, or the log one that it cannot give: state
// stays readable as it was, and changes no more until the next Open. A failed append stops nothing: the next may succeed.
type StoppedError struct {
	Offset uint64 // of the control log, the first that is not applied
	Err    error
}

func (e *StoppedError) Error() string {
	return fmt.Sprintf("shop: stopped at control offset %d: %v", e.Offset, e.Err)
}
func (e *StoppedError) Unwrap() error { return e.Err }
