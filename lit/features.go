package lit

import (
	"fmt"
	"strings"
)

// holds evaluates the text of a REQUIRES, UNSUPPORTED or XFAIL line: features with
// && || ! and parentheses. "*" and "true" always hold.
func (c *Config) holds(text string) (bool, error) {
	e := &featureExpr{words: featureWords(text), features: c.Features}
	value := e.or()
	if e.err == nil && len(e.words) > 0 {
		e.err = fmt.Errorf("unexpected %q", e.words[0])
	}
	if e.err != nil {
		return false, fmt.Errorf("%v in the condition %q, expected features with && || ! and parentheses", e.err, text)
	}
	return value, nil
}

func featureWords(text string) []string {
	for _, op := range []string{"&&", "||", "!", "(", ")"} {
		text = strings.ReplaceAll(text, op, " "+op+" ")
	}
	return strings.Fields(text)
}

type featureExpr struct {
	words    []string
	features map[string]bool
	err      error
}

func (e *featureExpr) take(word string) bool {
	if len(e.words) == 0 || e.words[0] != word {
		return false
	}
	e.words = e.words[1:]
	return true
}

func (e *featureExpr) or() bool {
	v := e.and()
	for e.take("||") {
		v = e.and() || v
	}
	return v
}

func (e *featureExpr) and() bool {
	v := e.unary()
	for e.take("&&") {
		v = e.unary() && v
	}
	return v
}

func (e *featureExpr) unary() bool {
	if e.take("!") {
		return !e.unary()
	}
	if e.take("(") {
		v := e.or()
		if !e.take(")") && e.err == nil {
			e.err = fmt.Errorf("a missing )")
		}
		return v
	}
	if len(e.words) == 0 || strings.ContainsAny(e.words[0], "&|()") {
		if e.err == nil {
			e.err = fmt.Errorf("a missing feature")
		}
		return false
	}
	word := e.words[0]
	e.words = e.words[1:]
	return word == "*" || word == "true" || e.features[word]
}
