package shop

import (
	"strings"

	"beckon/clickstream"
)

func validCurrency(code string) bool {
	_, ok := clickstream.MinorDigits(code)
	return ok
}

// maxAmount bounds prices in minor units: sums of a million of them still fit.
const maxAmount = 1_000_000_000_000

// minorUnits turns a decimal such as "1299.90" into minor units of currency, exactly: "1299.905" of EUR is not ok, "1299.900" is.
// A comma before at most two digits at the end counts as a decimal point; thousands are not separated.
func minorUnits(decimal, currency string) (amount int64, ok bool) {
	digits, ok := clickstream.MinorDigits(currency)
	if !ok {
		return 0, false
	}
	if whole, cents, comma := strings.Cut(decimal, ","); comma && len(cents) <= 2 && !strings.Contains(decimal, ".") {
		decimal = whole + "." + cents
	}
	whole, fraction, _ := strings.Cut(decimal, ".")
	if whole == "" || len(whole) > 13 || len(fraction) > 13 {
		return 0, false
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > digits {
		return 0, false
	}
	for _, part := range [...]string{whole, fraction} {
		for i := range len(part) {
			if part[i] < '0' || part[i] > '9' {
				return 0, false
			}
			amount = amount*10 + int64(part[i]-'0')
		}
	}
	for range digits - len(fraction) {
		amount *= 10
	}
	return amount, amount <= maxAmount
}
