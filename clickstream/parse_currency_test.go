package clickstream

import (
	"testing"

	"golang.org/x/text/currency"
)

// x/text carries CLDR's list, which keeps withdrawn codes and lacks the newest; what both know must agree.
func TestCurrenciesHaveTheirMinorUnit(t *testing.T) {
	newer := map[string]bool{"MRU": true, "SLE": true, "UYW": true, "VED": true, "VES": true, "XCG": true, "ZWG": true} // after x/text's data
	known := 0
	for a := byte('A'); a <= 'Z'; a++ {
		for b := byte('A'); b <= 'Z'; b++ {
			for c := byte('A'); c <= 'Z'; c++ {
				code := string([]byte{a, b, c})
				digits, ok := minorDigits(code)
				if !ok {
					continue
				}
				known++
				if _, err := currency.ParseISO(code); err != nil && !newer[code] {
					t.Errorf("%s is no currency: %v", code, err)
				}
				if digits < 0 || digits > 4 {
					t.Errorf("%s has %d digits", code, digits)
				}
			}
		}
	}
	if known < 170 {
		t.Errorf("%d currencies known", known)
	}
	// ISO 4217's own column of minor units; CLDR's differs where a country stopped using its coins.
	for code, want := range map[string]int{
		"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 2, "HUF": 2, "IDR": 2, "COP": 2, "TWD": 2, "MGA": 2, "MRU": 2, "ISK": 0, "UGX": 0,
		"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "PYG": 0, "XAF": 0, "XOF": 0, "XPF": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3,
		"IQD": 3, "LYD": 3, "CLF": 4,
	} {
		if got, ok := minorDigits(code); !ok || got != want {
			t.Errorf("%s: got %d, %v, want %d", code, got, ok, want)
		}
	}
	for _, code := range []string{"", "EURO", "eur", "ABC", "XXX", "XTS", "XAU"} {
		if _, ok := minorDigits(code); ok {
			t.Errorf("%q was taken for a currency", code)
		}
	}
}
