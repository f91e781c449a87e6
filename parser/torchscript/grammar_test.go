package torchscript

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// grammarAccepts reads src by the grammar alone.
func grammarAccepts(src string) error {
	_, err := grammarParser().ParseString("t.graph", src)
	return err
}

func requireGrammarAccepts(t *testing.T, src string) {
	t.Helper()
	require.NoError(t, grammarAccepts(src), "Parse and Grammar differ")
}

// TestGrammar checks that what Grammar prints is closed: each rule and token it
// mentions is defined.
func TestGrammar(t *testing.T) {
	g := Grammar()
	require.True(t, strings.HasPrefix(g, "File = Graph With* .\n"), g)
	require.Contains(t, g, "\nBlock = <block> \"(\" (Param (\",\" Param)*)? \")\" \":\" Node* \"->\"")
	defined := map[string]bool{}
	for _, line := range strings.Split(g, "\n") {
		if name, _, ok := strings.Cut(line, " = "); ok {
			defined[strings.TrimSpace(name)] = true
		}
	}
	rules, _, _ := strings.Cut(g, "\n\n")
	for _, word := range strings.FieldsFunc(rules, func(r rune) bool { return strings.ContainsRune(" ()*?+=!|.\n", r) }) {
		if !strings.HasPrefix(word, `"`) {
			require.True(t, defined[word], "%s is not defined in\n%s", word, g)
		}
	}
}
