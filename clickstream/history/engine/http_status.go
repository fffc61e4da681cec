package engine

import (
	"fmt"
	"net/http"
)

// Codes of ClickHouse's errors that the protocol itself raises, from ErrorCodes.cpp.
const (
	codeBadArguments          = 36
	codeNotImplemented        = 48
	codeLogicalError          = 49
	codeSyntaxError           = 62
	codeCannotRead            = 95 // CANNOT_READ_FROM_SOCKET
	codeUnknownCompression    = 89
	codeUnknownSetting        = 115
	codeReadOnly              = 164
	codeTooManyQueries        = 202
	codeSameIDRunning         = 216
	codeQueryTooLarge         = 229
	codeCannotDecompress      = 271
	codeOutfileNotAllowed     = 358
	codeSessionNotFound       = 372
	codeSessionLocked         = 373
	codeInvalidSessionTimeout = 374
	codeBadRequestParameter   = 408
	codeAuthenticationFailed  = 516
)

// refuse makes an exception of the protocol's own, in ClickHouse's form.
func refuse(code int, name, format string, args ...any) *Exception {
	return &Exception{Code: code, Name: name, Text: fmt.Sprintf("Code: %d. DB::Exception: %s. (%s)", code, fmt.Sprintf(format, args...), name)}
}

// statusOf gives the HTTP status of an exception, as ClickHouse's exceptionCodeToHTTPStatus does. Only TOO_MANY_SIMULTANEOUS_QUERIES
// differs: it says 503, because another try is right then.
func statusOf(code int) int {
	switch code {
	case 194: // REQUIRED_PASSWORD
		return http.StatusUnauthorized
	case 192, 193, 497, 512, codeAuthenticationFailed: // UNKNOWN_USER, WRONG_PASSWORD, ACCESS_DENIED, SET_NON_GRANTED_ROLE
		return http.StatusForbidden
	case codeBadArguments, codeSyntaxError,
		6, 25, 26, 27, 38, 41, 72, 376, 441, 675, 676, // CANNOT_PARSE_…
		8, 15, 44, 53, // THERE_IS_NO_COLUMN, DUPLICATE_COLUMN, ILLEGAL_COLUMN, TYPE_MISMATCH
		37, 123, 167, 168, 223, // …_AST
		117, 321, 427: // INCORRECT_DATA, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE, CANNOT_COMPILE_REGEXP
		return http.StatusBadRequest
	case codeUnknownSetting, 46, 47, 50, 56, 60, 63, 73, 78, 81, 152, 336, 511: // UNKNOWN_…
		return http.StatusNotFound
	case codeQueryTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeNotImplemented:
		return http.StatusNotImplemented
	case 76, 209, 439, codeTooManyQueries: // CANNOT_OPEN_FILE, SOCKET_TIMEOUT, CANNOT_SCHEDULE_TASK
		return http.StatusServiceUnavailable
	case 381: // HTTP_LENGTH_REQUIRED
		return http.StatusLengthRequired
	case 159: // TIMEOUT_EXCEEDED
		return http.StatusRequestTimeout
	}
	return http.StatusInternalServerError
}
