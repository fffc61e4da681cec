package clickstream

import "math"

// number reads the number that starts here and returns its text.
func (x *lexer) number() string {
	s, i := x.s, x.i
	from := i
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
	case i < len(s) && s[i]-'1' < 9:
		i = digits(s, i)
	default:
		x.fail("want a digit")
		return ""
	}
	if i < len(s) && s[i] == '.' {
		end := digits(s, i+1)
		if end == i+1 {
			x.i = end
			x.fail("want a digit after the point")
			return ""
		}
		i = end
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		end := digits(s, i)
		if end == i {
			x.i = end
			x.fail("want a digit in the exponent")
			return ""
		}
		i = end
	}
	x.i = i
	return s[from:i]
}

// shortInt reads a number of 1 to 15 digits and nothing else: what times and prices are. It reads nothing when ok is false.
func (x *lexer) shortInt() (v int64, ok bool) {
	s, i := x.s, x.i
	if i >= len(s) || s[i]-'1' > 8 {
		return 0, false
	}
	for end := min(len(s)-1, i+15); i < end; i++ { // a byte must be left to show that the number ends
		c := s[i] - '0'
		if c > 9 {
			break
		}
		v = v*10 + int64(c)
	}
	if c := s[i]; c-'0' <= 9 || c == '.' || c|0x20 == 'e' {
		return 0, false
	}
	x.i = i
	return v, true
}

func digits(s string, i int) int {
	for i < len(s) && s[i]-'0' < 10 {
		i++
	}
	return i
}

// parseInt is the value of a number's text that is written as a whole number, without point or exponent.
func parseInt(s string) (int64, bool) {
	digits := s
	if len(s) > 0 && s[0] == '-' {
		digits = s[1:]
	}
	if digits == "" {
		return 0, false
	}
	var v uint64
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 || v > (math.MaxUint64-9)/10 {
			return 0, false
		}
		v = v*10 + uint64(c)
	}
	if len(digits) < len(s) {
		return -int64(v), v <= 1<<63
	}
	return int64(v), v <= math.MaxInt64
}

// parseDecimal is the value of s ("19.99", "1e3", "-2") in units of 10^-places, rounded half away from zero. It works on the
// digits: no float stands between a price and its minor units. ok is false when s is not a number or too large for int64.
func parseDecimal(s string, places int) (v int64, ok bool) {
	negative := s != "" && s[0] == '-'
	if negative {
		s = s[1:]
	}
	whole := digits(s, 0)
	mantissa, rest := s[:whole], s[whole:]
	fraction := ""
	if rest != "" && rest[0] == '.' {
		end := digits(rest, 1)
		fraction, rest = rest[1:end], rest[end:]
		if fraction == "" {
			return 0, false
		}
	}
	if mantissa == "" {
		return 0, false
	}
	point := whole + places // how many digits count
	if rest != "" {
		if rest[0]|0x20 != 'e' || len(rest) < 2 {
			return 0, false
		}
		if rest[1] == '+' && len(rest) > 2 && rest[2] != '-' {
			rest = rest[1:]
		}
		e, ok := parseInt(rest[1:])
		if !ok {
			return 0, false
		}
		point += int(max(min(e, 1<<20), -1<<20))
	}
	digit := func(i int) int64 {
		if i < len(mantissa) {
			return int64(mantissa[i] - '0')
		}
		if i -= len(mantissa); i < len(fraction) {
			return int64(fraction[i] - '0')
		}
		return 0
	}
	for i := 0; i < point; i++ {
		if i >= len(mantissa)+len(fraction) && v == 0 {
			break
		}
		if v > (math.MaxInt64-9)/10 {
			return 0, false
		}
		v = v*10 + digit(i)
	}
	if point >= 0 && digit(point) >= 5 {
		if v == math.MaxInt64 {
			return 0, false
		}
		v++
	}
	if negative {
		v = -v
	}
	return v, true
}
