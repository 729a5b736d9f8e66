package webtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"netsync/schema/testkit/npmtest"
)

// browserTimeout limits the time for one action of a browser. It is generous,
// since a machine may be busy.
const browserTimeout = 2 * time.Minute

var programs = []string{"chromium", "chromium-browser", "google-chrome"}

// A Browser is a headless Chromium.
type Browser struct{ ctx context.Context }

// Chromium returns a context for chromedp, whose browser starts with the first
// action and stops with the test.
func Chromium(t testing.TB) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(npmtest.Program(t, needBrowser, programs...)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	return ctx
}

// Start starts a Chromium that stops with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	ctx := Chromium(t)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &Browser{ctx}
}

// A Tab is a page of a browser, and the problems that occurred in it.
type Tab struct {
	t      testing.TB
	ctx    context.Context
	origin string // the only origin that pages may load from

	mu         sync.Mutex
	complaints []string
}

// Tab opens a tab for the pages below an address.
func (b *Browser) Tab(t testing.TB, origin string) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx, origin: origin}
	if err := chromedp.Listen(ctx, tab.recordProblem); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return tab
}

// recordProblem records events that no page of a site may cause: console
// messages, exceptions, dialogs, requests to other origins and violations of
// the policy.
func (tab *Tab) recordProblem(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		tab.addComplaint("exception: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		tab.addComplaint("console.%s", e.Type)
	case *log.EventEntryAdded:
		tab.addComplaint("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, tab.origin) && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			tab.addComplaint("a request to %s", u)
		}
	case *page.EventJavascriptDialogOpening:
		tab.addComplaint("a dialog: %s", e.Message)
		go func() { // the browser waits for the answer, and this listener must return
			_, _ = chromedp.Call(tab.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
		}()
	}
}

func (tab *Tab) addComplaint(format string, args ...any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.complaints = append(tab.complaints, fmt.Sprintf(format, args...))
}

// Complaints returns the problems since the last call.
func (tab *Tab) Complaints() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	all := tab.complaints
	tab.complaints = nil
	return all
}

// run runs actions, and fails the test if one fails.
func (tab *Tab) run(what string, actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, browserTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		tab.t.Fatalf("%s: %v", what, err)
	}
}

// Open opens a path below the origin.
func (tab *Tab) Open(path string) {
	tab.t.Helper()
	tab.run("open "+path, chromedp.Navigate(tab.origin+path))
}

// Evaluate runs a script in the page.
func Evaluate[T any](tab *Tab, script string) T {
	tab.t.Helper()
	value, err := tryEvaluate[T](tab, script)
	if err != nil {
		tab.t.Fatalf("evaluate %.200s: %v", script, err)
	}
	return value
}

func tryEvaluate[T any](tab *Tab, script string) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, browserTimeout)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// Wait polls a condition in the page. It retries if the script fails, as
// during navigation.
func (tab *Tab) Wait(what, condition string) error {
	tab.t.Helper()
	var err error
	for end := time.Now().Add(browserTimeout / 4); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var holds bool
		if holds, err = tryEvaluate[bool](tab, condition); err == nil && holds {
			return nil
		}
	}
	return errors.Join(errors.New("did not happen: "+what), err)
}

// A Screen is a device with a reader's preferences.
type Screen struct {
	Name          string
	Width, Height int64
	Scale         float64
	Media         map[string]string // prefers-color-scheme and the like
}

// Night reports whether dark mode is preferred.
func (s Screen) Night() bool { return s.Media["prefers-color-scheme"] == "dark" }

// Screens returns a phone and a desktop, in light and dark mode.
func Screens() []Screen {
	var all []Screen
	for _, s := range []Screen{{"phone", 360, 740, 2, nil}, {"desktop", 1280, 900, 1, nil}} {
		for _, scheme := range []string{"light", "dark"} {
			all = append(all, Screen{s.Name + "-" + scheme, s.Width, s.Height, s.Scale, map[string]string{"prefers-color-scheme": scheme}})
		}
	}
	return all
}

// Use emulates a screen from now on.
func (tab *Tab) Use(s Screen) {
	tab.t.Helper()
	var features []*emulation.MediaFeature
	for name, value := range s.Media {
		features = append(features, &emulation.MediaFeature{Name: name, Value: value})
	}
	tab.run("use a "+s.Name, chromedp.EmulateViewport(s.Width, s.Height, chromedp.EmulateScale(max(s.Scale, 1))),
		func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
			return chromedp.Void{}, err
		})
}

// IgnorePolicy disables the Content Security Policy, so only markup and
// escaping protect the page.
func (tab *Tab) IgnorePolicy() {
	tab.t.Helper()
	tab.run("ignore the policy", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
		return chromedp.Void{}, err
	})
}

// WithoutScripts disables scripts.
func (tab *Tab) WithoutScripts() {
	tab.t.Helper()
	tab.run("turn scripts off", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
}

// Press presses keys in order: kb.Tab, kb.Enter or text.
func (tab *Tab) Press(keys string) {
	tab.t.Helper()
	tab.run(fmt.Sprintf("press %q", keys), chromedp.KeyEvent(keys))
}

// Picture returns a screenshot of the whole page as PNG.
func (tab *Tab) Picture() []byte {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, browserTimeout)
	defer cancel()
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		tab.t.Fatalf("take a picture: %v", err)
	}
	return image
}

// Click clicks on the first element that matches a selector.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.run("click on "+selector, chromedp.Click(selector))
}
