package golden

import "testing"

func TestForbiddenFindsWhatThePolicyRefuses(t *testing.T) {
	for html, want := range map[string]bool{
		`<p style="color:red">`:                        true,
		`<a class="x" href="/?a=1" onclick="x()">`:     true,
		`<script>alert(1)</script>`:                    true,
		`<style>p{}</style>`:                           true,
		`<a href="javascript:x">`:                      true,
		`<script defer src="/a.js"></script>`:          false,
		`<p data-words="{&#34;on&#34;: 1}">on = 1</p>`: false,
		`<p title="one =two">style = good</p>`:         false,
		`<td class="season">`:                          false,
	} {
		if got := forbidden.MatchString(html); got != want {
			t.Errorf("%s: refused %v, want %v", html, got, want)
		}
	}
}
