package push

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestMain lets the benchmarks start this binary again as the clients' process: both ends of 10,000 sockets do not fit into the file
// limit of one process, and the server's memory must be measured alone.
func TestMain(m *testing.M) {
	if os.Getenv("BECKON_PUSH_CLIENTS") != "" {
		if err := runClients(os.Args[1], os.Args[2], os.Args[3]); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runClients opens count sockets with one subscription each (kind "idle": an item of their own; kind "topics": the eight that are
// broadcast), says "ready", and reads until told to end by the end of its input. After every message that all have, it says so.
func runClients(addr, kind, text string) error {
	count, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	sockets := make([]net.Conn, count)
	readers := make([]*bufio.Reader, count)
	for i := range sockets {
		socket, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		r, err := rawHandshake(socket, fmt.Sprintf("shop/v%d", i))
		if err != nil {
			return err
		}
		items := fmt.Sprintf(`"sku-%d"`, i)
		if kind == "topics" {
			items = `"t0","t1","t2","t3","t4","t5","t6","t7"`
		}
		if err := rawText(socket, `{"type":"subscribe","items":[`+items+`]}`); err != nil {
			return err
		}
		if err := rawText(socket, `{"type":"ping"}`); err != nil {
			return err
		}
		for opened := false; !opened; {
			_, payload, err := rawFrame(r)
			if err != nil {
				return err
			}
			opened = strings.HasPrefix(string(payload), `{"type":"pong"`)
		}
		if sockets[i] = socket; kind == "topics" {
			readers[i] = r
		}
	}
	fmt.Println("ready")
	if kind == "topics" {
		countBroadcasts(readers)
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(sockets)
	return err
}

// countBroadcasts prints a line whenever one more message has arrived everywhere.
func countBroadcasts(readers []*bufio.Reader) {
	const window = 64 // messages; more than are ever in flight
	var have [window]atomic.Int32
	for _, r := range readers {
		go func() {
			buf := make([]byte, 1024)
			for n := 0; ; n++ {
				if _, err := io.ReadFull(r, buf[:2]); err != nil {
					return
				}
				size := int(buf[1])
				if size == 126 {
					if _, err := io.ReadFull(r, buf[:2]); err != nil {
						return
					}
					size = int(binary.BigEndian.Uint16(buf))
				}
				if _, err := io.ReadFull(r, buf[:size]); err != nil {
					return
				}
				if have[n%window].Add(1) == int32(len(readers)) {
					have[n%window].Store(0)
					fmt.Println("all")
				}
			}
		}()
	}
}

// clients is the other process.
type clients struct {
	lines *bufio.Scanner
	stop  func()
}

func startClients(b *testing.B, h *Hub, kind string, count int) *clients {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		for {
			socket, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { _ = serve(h, socket, "shop", "127.0.0.1") }()
		}
	}()
	cmd := exec.Command(os.Args[0], ln.Addr().String(), kind, strconv.Itoa(count))
	cmd.Env = append(os.Environ(), "BECKON_PUSH_CLIENTS=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	c := &clients{bufio.NewScanner(out), func() {
		_ = in.Close()
		_ = cmd.Wait()
		b.Logf("the clients took %v user, %v system", cmd.ProcessState.UserTime(), cmd.ProcessState.SystemTime())
		_ = ln.Close()
	}}
	c.expect(b, "ready")
	return c
}

func (c *clients) expect(b *testing.B, want string) {
	b.Helper()
	if !c.lines.Scan() || c.lines.Text() != want {
		b.Fatalf("the clients said %q, want %q", c.lines.Text(), want)
	}
}

// residentBytes is what the kernel counts for this process.
func residentBytes(b *testing.B) int {
	b.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("resident memory is read from /proc, which this system does not have")
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		b.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// BenchmarkIdleConnections holds 10,000 connections with one subscription each. rss_B/conn is what the process grew by, as it is
// right after they came; the others are the live heap and the stacks after a collection.
func BenchmarkIdleConnections(b *testing.B) {
	const count = 10_000
	for b.Loop() {
		h := newHub(b, Config{Backend: newStore(), MaxConnsPerAddress: -1})
		var before, after runtime.MemStats
		debug.FreeOSMemory()
		runtime.ReadMemStats(&before)
		resident := residentBytes(b)
		c := startClients(b, h, "idle", count)
		b.ReportMetric(float64(residentBytes(b)-resident)/count, "rss_B/conn")
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/count, "heap_B/conn")
		b.ReportMetric(float64(after.StackInuse-before.StackInuse)/count, "stack_B/conn")
		if n := h.Stats().Connections; n != count {
			b.Fatalf("%d connections, want %d", n, count)
		}
		c.stop()
		drain(b, h)
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkBroadcast sends states of eight items to 2,000 sockets that listen to all of them, eight messages in flight, with the
// clients beside it.
func BenchmarkBroadcast(b *testing.B) {
	const count, inFlight = 2000, 8
	h := newHub(b, Config{Backend: newStore(), MaxConnsPerAddress: -1})
	c := startClients(b, h, "topics", count)
	body := []byte(`{"item_id":"sku-1","level":"low","left":3}`)
	sent := 0
	publish := func() {
		h.PublishItem("shop", fmt.Sprintf("t%d", sent%inFlight), "stock", body, uint64(sent))
		sent++
	}
	var usage time.Duration
	begin := time.Now()
	for range inFlight {
		publish()
	}
	for b.Loop() {
		c.expect(b, "all")
		publish()
	}
	for range inFlight {
		c.expect(b, "all")
	}
	usage = time.Since(begin)
	b.ReportMetric(float64(sent)*count/usage.Seconds(), "deliveries/s")
	if n := h.Stats().Conflated; n != 0 {
		b.Errorf("%d frames were conflated: deliveries are fewer than counted", n)
	}
	c.stop()
	drain(b, h)
}

// BenchmarkActToFrame is the time from an applied act to its recommendations frame, read by a client on loopback.
func BenchmarkActToFrame(b *testing.B) {
	h := newHub(b, Config{Backend: newStore()})
	dial := listen(b, h, "shop")
	socket, err := dial(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	r, err := rawHandshake(socket, "shop/ann")
	if err != nil {
		b.Fatal(err)
	}
	if err := rawText(socket, `{"type":"subscribe","placements":["home"]}`); err != nil {
		b.Fatal(err)
	}
	for range 2 { // hello, recommendations
		if _, _, err := rawFrame(r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Acted("shop", "ann", 1, "view_item", "sku-1")
		if _, _, err := rawFrame(r); err != nil {
			b.Fatal(err)
		}
	}
	_ = socket.Close()
	drain(b, h)
}
