package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

// apiError is an answer that is not a success; its body is {"error":{"code","message"}}.
type apiError struct {
	status  int
	code    string
	message string
	retry   time.Duration // sent as Retry-After, in whole seconds rounded up, when positive
}

func (e *apiError) Error() string { return e.message }

func fail(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func tooMany(wait time.Duration, what string) *apiError {
	return &apiError{429, "rate_limited", "over the rate limit of this " + what, wait}
}

func overloaded(wait time.Duration, why string) *apiError {
	return &apiError{503, "overloaded", why, max(wait, time.Second)}
}

// respondError is Fiber's error handler: every error leaves in the one documented form.
func respondError(c *fiber.Ctx, err error) error {
	var known *apiError
	if !errors.As(err, &known) {
		var fe *fiber.Error
		if errors.As(err, &fe) {
			known = fail(fe.Code, statusCode(fe.Code), "%s", fe.Message)
		} else {
			known = fail(500, "internal", "the server could not answer")
			slog.Error("request", "path", c.Path(), "error", err)
		}
	}
	if known.retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(known.retry.Seconds()))))
	}
	return respond(c, known.status, map[string]any{"error": map[string]string{"code": known.code, "message": known.message}})
}

func statusCode(status int) string {
	switch status {
	case 404:
		return "not_found"
	case 405:
		return "method_not_allowed"
	case 413:
		return "too_large"
	case 431:
		return "headers_too_large"
	}
	return "bad_request"
}

// respond sends v as JSON.
func respond(c *fiber.Ctx, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return respondJSON(c, status, body)
}

// respondJSON sends a finished JSON body; it is copied (Fiber's Send would keep it), so that it may come from a pool.
func respondJSON(c *fiber.Ctx, status int, body []byte) error {
	c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Status(status).Response().SetBody(body)
	return nil
}
