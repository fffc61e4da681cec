package clickstream

// MinorDigits is how many decimals the minor unit of an ISO 4217 currency has (EUR 2, JPY 0, KWD 3); ok is false for a code that
// is none.
func MinorDigits(currency string) (digits int, ok bool) { return minorDigits(currency) }
