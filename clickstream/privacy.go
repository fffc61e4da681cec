package clickstream

import (
	"net/netip"
	"strings"
)

// TruncateIP appends the network of an address: IPv4 to /24, IPv6 to /48, IPv4 in IPv6 as IPv4. Nothing is appended for what
// is not an address. A truncated address stays as it is.
func TruncateIP(dst []byte, ip string) []byte {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return dst
	}
	addr = addr.Unmap().WithZone("")
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return dst
	}
	return prefix.Addr().AppendTo(dst)
}

// secretParam: names of query and fragment parameters whose values are never stored. They let someone in (credentials,
// one-time codes, signatures) or say who someone is.
func secretParam(name string) bool {
	switch name {
	case "token", "access_token", "id_token", "refresh_token", "auth", "authorization", "jwt", "sid", "session", "sessionid", "session_id",
		"code", "otp", "pin", "key", "api_key", "apikey", "secret", "client_secret", "signature", "sig", "hash",
		"password", "passwd", "pwd", "pass", "reset", "reset_token", "email", "e-mail", "mail", "phone", "tel":
		return true
	}
	return false
}

// ScrubURL appends url without the values of parameters, in query and fragment, that carry secrets or name a person, and
// without user and password before the host. ok is false when nothing was found: then url is right as it is and dst unchanged.
func ScrubURL(dst []byte, url string) (out []byte, ok bool) {
	from := 0
	if scheme := strings.Index(url, "://"); scheme >= 0 {
		host := url[scheme+3:]
		if end := strings.IndexAny(host, "/?#"); end >= 0 {
			host = host[:end]
		}
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			dst = append(dst, url[:scheme+3]...)
			from, ok = scheme+3+at+1, true
		}
	}
	for i := from; i < len(url); {
		n := strings.IndexAny(url[i:], "?&;#")
		if n < 0 {
			break
		}
		i += n + 1
		param := url[i:]
		if end := strings.IndexAny(param, "&;#"); end >= 0 {
			param = param[:end]
		}
		name, value, _ := strings.Cut(param, "=")
		if value == "" || len(name) > 16 || !secretParam(strings.ToLower(name)) {
			continue
		}
		i += len(param)
		dst = append(dst, url[from:i-len(value)]...)
		from, ok = i, true
	}
	if !ok {
		return dst, false
	}
	return append(dst, url[from:]...), true
}
