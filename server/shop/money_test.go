package shop

import "testing"

func TestMinorUnitsAreExact(t *testing.T) {
	f := func(text, currency string, want int64, ok bool) {
		t.Helper()
		if got, gotOK := minorUnits(text, currency); gotOK != ok || ok && got != want {
			t.Errorf("%s %s = %d, %v; want %d, %v", text, currency, got, gotOK, want, ok)
		}
	}
	f("19.99", "EUR", 1999, true)
	f("19,99", "EUR", 1999, true)
	f("19.9", "EUR", 1990, true)
	f("19", "EUR", 1900, true)
	f("19.", "EUR", 1900, true)
	f("19.9900", "EUR", 1999, true)
	f("0.07", "EUR", 7, true)
	f("19.999", "EUR", 0, false)
	f("1999", "JPY", 1999, true)
	f("1999.00", "JPY", 1999, true)
	f("1999.5", "JPY", 0, false)
	f("1.234", "KWD", 1234, true)
	f("1,299.00", "USD", 0, false)
	f("-1", "EUR", 0, false)
	f("1e3", "EUR", 0, false)
	f("", "EUR", 0, false)
	f(".5", "EUR", 0, false)
	f("99999999999999", "EUR", 0, false)
	f("1", "XYZ", 0, false)
}
