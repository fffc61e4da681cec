package push

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// rawHandshake upgrades a bare connection and says hello; what comes is the caller's to read, or not.
func rawHandshake(socket net.Conn, token string) (*bufio.Reader, error) {
	if _, err := io.WriteString(socket, "GET /v1/live HTTP/1.1\r\nHost: beckon\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: beckon.v1\r\n\r\n"); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(socket, 512)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Protocol") != Subprotocol {
		return nil, fmt.Errorf("handshake answered %s", resp.Status)
	}
	return r, rawText(socket, fmt.Sprintf(`{"type":"hello","token":%q}`, token))
}

// rawText writes a short masked text frame; the mask is zero.
func rawText(socket net.Conn, text string) error {
	frame := []byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}
	if len(text) > 125 {
		frame = binary.BigEndian.AppendUint16([]byte{0x81, 0x80 | 126}, uint16(len(text)))
		frame = append(frame, 0, 0, 0, 0)
	}
	_, err := socket.Write(append(frame, text...))
	return err
}

// rawFrame reads one server frame.
func rawFrame(r *bufio.Reader) (opcode byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(head[1])
	if n == 126 {
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return 0, nil, err
		}
		n = int(binary.BigEndian.Uint16(long[:]))
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return head[0] & 15, payload, err
}

func dialRaw(t *testing.T, h *Hub, token string) (net.Conn, *bufio.Reader) {
	t.Helper()
	socket, err := pipeTo(h, "shop")(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r, err := rawHandshake(socket, token)
	if err != nil {
		t.Fatal(err)
	}
	return socket, r
}

func TestStalledReaderGetsTheLatestOfEachKindThenIsClosed(t *testing.T) {
	inBubble(t, Config{QueueFrames: 8}, func(t *testing.T, s *store, h *Hub) {
		var items []string
		for i := range 20 {
			items = append(items, fmt.Sprintf("sku-%d", i))
		}
		s.setWants("ann", items...)
		s.setWants("bob", items...)
		slow, r := dialRaw(t, h, "shop/ann")
		defer slow.Close()
		quick := dialPipe(t, h, "shop")
		defer quick.close()
		quick.hello("shop/bob")
		synctest.Wait() // the hello of slow fills the pipe

		begin := time.Now()
		h.PublishOffer("shop", "ann", "o1", offer("o1"), 201)
		for i, item := range items {
			h.PublishItem("shop", item, "stock", fmt.Appendf(nil, `{"item_id":%q}`, item), uint64(300+i))
			h.PublishItem("shop", item, "price", fmt.Appendf(nil, `{"item_id":%q}`, item), uint64(300+i))
			if a, b := quick.want("stock"), quick.want("price"); a.Item != item || b.Item != item {
				t.Fatalf("the quick reader got %+v %+v, want %s", a, b, item)
			}
		}
		h.PublishOffer("shop", "ann", "o2", offer("o2"), 400)
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("publishing waited %v for a reader", waited)
		}

		var kinds []string
		for {
			opcode, payload, err := rawFrame(r)
			if err != nil {
				t.Fatal(err)
			}
			if opcode == 8 {
				if code := websocket.StatusCode(binary.BigEndian.Uint16(payload)); code != 3008 {
					t.Errorf("closed with %d, want 3008", code)
				}
				break
			}
			var g got
			if err := json.Unmarshal(payload, &g); err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, g.Type+g.ID+g.Item)
		}
		want := "[hello offero1 stocksku-19 pricesku-19 offero2]"
		if fmt.Sprint(kinds) != want {
			t.Errorf("the slow reader got %v, want %s", kinds, want)
		}
		if n := h.Stats().Slow; n != 1 {
			t.Errorf("%d connections were closed as slow, want 1", n)
		}
	})
}

func TestWaitingStateIsReplacedAndOffersAreNot(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *store, h *Hub) {
		s.setWants("ann", "a", "b")
		slow, r := dialRaw(t, h, "shop/ann")
		defer slow.Close()
		synctest.Wait()
		for i := range 1000 {
			h.PublishItem("shop", "a", "stock", fmt.Appendf(nil, `{"item_id":"a","left":%d}`, i), uint64(200+i))
			h.PublishItem("shop", "b", "stock", fmt.Appendf(nil, `{"item_id":"b","left":%d}`, i), uint64(200+i))
		}
		h.PublishOffer("shop", "ann", "o1", offer("o1"), 2000)
		h.PublishOffer("shop", "ann", "o2", offer("o2"), 2000)
		var got []string
		for range 5 {
			_, payload, err := rawFrame(r)
			if err != nil {
				t.Fatal(err)
			}
			var g struct {
				Type, ID string
				Item     string `json:"item_id"`
				Left     int
			}
			if err := json.Unmarshal(payload, &g); err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(g.Type, g.ID, g.Item, g.Left))
		}
		if want := "[hello0 stocka999 stockb999 offero10 offero20]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
		if n := h.Stats().Conflated; n != 1998 {
			t.Errorf("%d frames were replaced, want 1998", n)
		}
	})
}

func TestVanishedReaderIsCutAfterTheWriteTimeout(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *store, h *Hub) {
		s.setWants("ann", "a")
		socket, _ := dialRaw(t, h, "shop/ann") // never read
		defer socket.Close()
		h.PublishItem("shop", "a", "stock", []byte(`{"item_id":"a"}`), 200)
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if n := h.Stats().Connections; n != 1 {
			t.Fatalf("%d connections after 9 s, want 1", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := h.Stats().Connections; n != 0 {
			t.Errorf("%d connections after 11 s, want 0", n)
		}
	})
}

func TestSilentPeerIsClosedAfterAnUnansweredPing(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, _ *store, h *Hub) {
		begin := time.Now()
		socket, r := dialRaw(t, h, "shop/ann")
		defer socket.Close()
		pings := 0
		for {
			opcode, _, err := rawFrame(r)
			if err != nil {
				break
			}
			if opcode == 9 {
				pings++
			}
		}
		if took := time.Since(begin); pings != 1 || took < 50*time.Second || took > 52*time.Second {
			t.Errorf("closed after %v and %d pings, want 50s and 1", took, pings)
		}
		synctest.Wait()
		if n := h.Stats().Dead; n != 1 {
			t.Errorf("%d dead peers were counted, want 1", n)
		}
	})
}

func TestLivePeersStayForHours(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, _ *store, h *Hub) {
		c := dialPipe(t, h, "shop")
		defer c.close()
		c.hello("shop/ann")
		time.Sleep(3 * time.Hour)
		c.send(`{"type":"ping"}`)
		c.want("pong")
	})
}

func TestPeerThatCloses(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *store, h *Hub) {
		s.setWants("ann", "a")
		c := dialPipe(t, h, "shop")
		c.hello("shop/ann")
		if err := c.ws.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Errorf("close: %v, want the server's close frame", err)
		}
		synctest.Wait()
		if s := h.Stats(); s.Connections != 0 || s.Subscriptions != 0 || h.Connected("shop", "ann") {
			t.Errorf("left behind: %+v", s)
		}
	})
}

func TestFloodOfClientFramesIsClosed(t *testing.T) {
	leakCheck(t)
	h := newHub(t, Config{Backend: newStore()})
	dial := listen(t, h, "shop")
	defer drain(t, h)
	socket, err := dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	r, err := rawHandshake(socket, "shop/ann")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for rawText(socket, `{"type":"ping"}`) == nil {
		}
	}()
	for {
		opcode, payload, err := rawFrame(r)
		if err != nil {
			break // the flood may have turned the close into a reset
		}
		if opcode == 8 {
			if code := binary.BigEndian.Uint16(payload); code != 3500 {
				t.Errorf("closed with %d, want 3500", code)
			}
			break
		}
	}
}

func TestDrainClosesAThousandSocketsWithSpreadRetries(t *testing.T) {
	leakCheck(t)
	const sockets = 1000
	h := newHub(t, Config{Backend: newStore(), MaxConnsPerVisitor: sockets})
	dial := listen(t, h, "shop")
	clients := make([]*client, sockets)
	for i := range clients {
		ws, _, err := tryDial(dial)
		if err != nil {
			t.Fatal(err)
		}
		clients[i] = newClient(t, ws)
		clients[i].hello("shop/ann")
	}
	begin := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := h.Drain(ctx, 8*time.Second); err != nil {
		t.Error(err)
	}
	t.Logf("%d sockets were closed in %v", sockets, time.Since(begin))
	early := 0
	for _, c := range clients {
		var reason struct {
			Retry *int64 `json:"retry_ms"`
		}
		if text := c.wantClose(3001); json.Unmarshal([]byte(text), &reason) != nil || reason.Retry == nil || *reason.Retry < 0 || *reason.Retry >= 8000 {
			t.Fatalf("close reason %q, want retry_ms under 8000", text)
		}
		if *reason.Retry < 4000 {
			early++
		}
	}
	if early < 400 || early > 600 {
		t.Errorf("%d of %d return in the first half of the time", early, sockets)
	}
	_, resp, err := tryDial(dial)
	if err == nil || resp == nil || resp.StatusCode != 503 {
		t.Errorf("connecting to a drained hub: %v %v, want 503", resp, err)
	}
}

func TestDrainWaitsForNobodyLongerThanItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub(t, Config{Backend: newStore()})
		polite := dialPipe(t, h, "shop")
		polite.hello("shop/bob")
		mute, _ := dialRaw(t, h, "shop/ann") // never reads, never answers
		defer mute.Close()
		synctest.Wait()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := h.Drain(ctx, time.Second); err == nil {
			t.Error("drain says that every connection was closed in time, one was cut")
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("drain took %v, want 2s", took)
		}
		polite.wantClose(3001)
		polite.close()
	})
}

func TestThePagesLanguageComesBeforeTheBrowsers(t *testing.T) {
	for _, c := range []struct{ query, accept, want string }{
		{"", "fr,en;q=0.5", "fr,en;q=0.5"},
		{"lang=de", "fr,en;q=0.5", "de,fr,en;q=0.5"},
		{"lang=de;q%3D0,en", "fr", "fr"},
		{"lang=" + strings.Repeat("x", 100), "fr", strings.Repeat("x", 16) + ",fr"},
		{"", strings.Repeat("y", 100), strings.Repeat("y", 64)},
	} {
		r := &http.Request{URL: &url.URL{RawQuery: c.query}, Header: http.Header{"Accept-Language": {c.accept}}}
		if got := languages(r); got != c.want {
			t.Errorf("%q %q: got %q, want %q", c.query, c.accept, got, c.want)
		}
	}
}
