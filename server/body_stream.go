package main

import (
	"errors"
	"io"

	"github.com/gofiber/fiber/v2"
)

// maxDrained is how much of an unread body is read: twice what any path takes. The read timeout bounds how long.
const maxDrained = 2 * maxImportBytes

// drained reads what a handler left of the request's body. fasthttp leaves that on the connection, where it would be taken for the
// next request; and a client that is still sending would find a reset connection instead of its answer. A body that does not end
// within bounds ends the connection.
func drained(c *fiber.Ctx) error {
	err := c.Next()
	if in := bodyStream(c); in != nil {
		if _, end := io.CopyN(io.Discard, in, maxDrained); !errors.Is(end, io.EOF) {
			c.Response().SetConnectionClose()
		}
	}
	return err
}

// bodyStream is the request's body as it comes, nil if it has none.
func bodyStream(c *fiber.Ctx) io.Reader {
	in := c.Context().RequestBodyStream()
	if in == nil || c.Request().Header.ContentLength() >= 0 {
		return in
	}
	known, ok := c.Locals(chunkedKey{}).(*chunkedBody)
	if !ok {
		known = &chunkedBody{in: in}
		c.Locals(chunkedKey{}, known)
	}
	return known
}

type chunkedKey struct{}

// chunkedBody remembers its end: fasthttp's own stream, read again after its last chunk, reads on into the next request.
type chunkedBody struct {
	in  io.Reader
	end error
}

func (b *chunkedBody) Read(p []byte) (n int, err error) {
	if b.end != nil {
		return 0, b.end
	}
	n, b.end = b.in.Read(p)
	return n, b.end
}
