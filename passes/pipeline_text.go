package passes

import (
	"fmt"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The grammar of textual pipelines, as in MLIR:
//
//	canonicalize,cse,func.func(fuse-elementwise{max=8}),grad-pairs
type pipelineText struct {
	Steps []*stepText `parser:"( @@ ( ',' @@ )* )?"`
}

type stepText struct {
	Pos     lexer.Position
	Name    string        `parser:"@Word"`
	Options []*optionText `parser:"( '{' @@* '}' )?"`
	Nested  *pipelineText `parser:"( '(' @@ ')' )?"`
}

type optionText struct {
	Name  string `parser:"@Word '='"`
	Value string `parser:"@Word"`
}

var pipelineParser = participle.MustBuild[pipelineText](
	participle.Lexer(lexer.MustSimple([]lexer.SimpleRule{
		{Name: "Word", Pattern: `[A-Za-z0-9_.+:*/-]+`},
		{Name: "Punct", Pattern: `[,(){}=]`},
		{Name: "Space", Pattern: `\s+`},
	})),
	participle.Elide("Space"),
)

// PipelineGrammar is the grammar of textual pipelines in EBNF.
func PipelineGrammar() string { return pipelineParser.String() }

// maxPipelineDepth bounds the nesting of a textual pipeline.
const maxPipelineDepth = 32

// Parse reads a textual pipeline; the name of a pipeline stands for its passes.
func (r *Registry) Parse(text string) ([]Step, error) {
	depth := 0
	for _, c := range text {
		switch c {
		case '(':
			if depth++; depth > maxPipelineDepth {
				return nil, fmt.Errorf("pipeline: nested more than %d deep", maxPipelineDepth)
			}
		case ')':
			depth--
		}
	}
	parsed, err := pipelineParser.ParseString("pipeline", text)
	if err != nil {
		return nil, fmt.Errorf("%v, expected for example canonicalize,cse,func.func(fuse-elementwise{max=8})", err)
	}
	steps, err := r.resolve(parsed)
	if err != nil {
		return nil, err
	}
	return steps, checkOrder(steps)
}

func (r *Registry) resolve(text *pipelineText) ([]Step, error) {
	var out []Step
	for _, s := range text.Steps {
		at := fmt.Sprintf("pipeline:%d:%d", s.Pos.Line, s.Pos.Column)
		if s.Name == "func.func" || s.Name == "builtin.module" {
			if s.Nested == nil {
				return nil, fmt.Errorf("%s: %s must be followed by passes in parentheses", at, s.Name)
			}
			nested, err := r.resolve(s.Nested)
			if err != nil {
				return nil, err
			}
			if s.Name == "func.func" {
				out = append(out, Step{Nested: nested})
			} else {
				out = append(out, nested...)
			}
			continue
		}
		if s.Nested != nil {
			return nil, fmt.Errorf("%s: %s takes no nested passes, only func.func and builtin.module do", at, s.Name)
		}
		if pipeline, ok := r.pipelines[s.Name]; ok && r.passes[s.Name] == nil {
			if len(s.Options) > 0 {
				return nil, fmt.Errorf("%s: pipeline %s takes no options", at, s.Name)
			}
			nested, err := r.Parse(pipeline)
			if err != nil {
				return nil, err
			}
			out = append(out, nested...)
			continue
		}
		p := r.passes[s.Name]
		if p == nil {
			names := r.PipelineNames()
			for _, p := range r.Passes() {
				names = append(names, p.Name)
			}
			return nil, fmt.Errorf("%s: no pass or pipeline is named %q, did you mean: %s", at, s.Name, suggestions(s.Name, names))
		}
		options := map[string]string{}
		for _, o := range s.Options {
			options[o.Name] = o.Value
		}
		if err := p.CheckOptions(options); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		out = append(out, Step{Pass: p, Options: options})
	}
	return out, nil
}
