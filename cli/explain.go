package cli

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

type explainCmd struct {
	Graph      string `arg:"" help:"The observed graph."`
	Pipeline   string `default:"grad-pairs" enum:"grad-pairs,grad-joint" help:"grad-pairs or grad-joint."`
	Generalize string `help:"Make sizes symbolic: INPUT:DIMENSION,..."`
	Sizes      string `help:"Bind symbolic sizes: s0=12,s1=4"`
	JSON       bool   `name:"json" help:"Print as JSON."`
}

func (c *explainCmd) Run(e *env) error {
	m, err := e.loadSized(c.Graph, c.Generalize, c.Sizes)
	if err != nil {
		return err // unsupported ops: all of them, each with its line and reason
	}
	ops := map[ir.OpName]int{}
	var order []ir.OpName
	m.Op.Walk(func(op *ir.Op) {
		if d := op.Name.Dialect(); d != "func" && d != "builtin" {
			if ops[op.Name] == 0 {
				order = append(order, op.Name)
			}
			ops[op.Name]++
		}
	})
	pm := &passes.Manager{SkipVerify: true}
	low, err := engine.Lower(m, engine.Options{Pipeline: c.Pipeline, Sources: []string{base(c.Graph)}, Registry: e.registry, Manager: pm})
	if err != nil {
		return err
	}
	if c.JSON {
		var remarks []map[string]any
		for _, r := range pm.Remarks {
			remarks = append(remarks, map[string]any{"pass": r.Pass, "file": r.Loc.Pos.File, "line": r.Loc.Pos.Line, "message": r.Message})
		}
		counts := map[string]int{}
		for name, n := range ops {
			counts[string(name)] = n
		}
		e.writeJSON(map[string]any{"ops": counts, "remarks": remarks, "meta": low.Meta})
		return nil
	}
	fmt.Fprintln(e.stdout, "recognised:")
	for _, name := range order {
		fmt.Fprintf(e.stdout, "  %3d %s\n", ops[name], name)
	}
	fmt.Fprintf(e.stdout, "guards:\n")
	for i, v := range low.Meta.Inputs {
		grad := ""
		if v.RequiresGrad {
			grad = ", requires grad"
		}
		fmt.Fprintf(e.stdout, "  input %d: %s%v, strides %v%s\n", i, v.DType, v.Shape, v.Strides, grad)
	}
	last := ""
	for _, r := range pm.Remarks {
		if r.Pass != last {
			fmt.Fprintf(e.stdout, "%s:\n", r.Pass)
			last = r.Pass
		}
		fmt.Fprintf(e.stdout, "  %s: %s\n", r.Loc.Pos, r.Message)
	}
	fmt.Fprintf(e.stdout, "unsupported:\n  nothing\n")
	return nil
}

type doctorCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

// tool is a program that some part of the project can use.
type tool struct {
	Name    string `json:"name"`
	For     string `json:"for"`
	Found   bool   `json:"found"`
	Version string `json:"version"`
	Remedy  string `json:"remedy"`
}

func (c *doctorCmd) Run(e *env) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var tools []tool
	cxx := tool{Name: "C++ compiler", For: "engine builtin", Remedy: "install clang or g++, or set CLADOPT_CXX"}
	if found, err := toolchain.Find(ctx); err == nil {
		cxx.Found, cxx.Version, cxx.Remedy = true, found.String(), ""
	} else {
		cxx.Version = err.Error()
	}
	tools = append(tools, cxx)
	plugin := tool{Name: "Clad", For: "engine clad", Remedy: "install Clad and the clang of its version, or set CLADOPT_CLAD_PLUGIN and CLADOPT_CLAD_INCLUDE"}
	if found, err := toolchain.FindClad(ctx, toolchain.CladPaths{}); err == nil {
		plugin.Found, plugin.Version, plugin.Remedy = true, found.String(), ""
	} else {
		plugin.Remedy = err.Error()
	}
	tools = append(tools, plugin)
	ir := tool{Name: "LLVM", For: "--via=llvm", Remedy: "install clang and llvm of one version, 14 or later, or set CLADOPT_CLANG"}
	switch found, err := toolchain.FindLLVM(ctx); {
	case err != nil:
		ir.Version = err.Error()
	case found.Link == "":
		ir.Version, ir.Remedy = found.String(), fmt.Sprintf("no llvm-link of LLVM %d: install llvm-%d", found.Version, found.Version)
	default:
		ir.Found, ir.Version, ir.Remedy = true, found.String(), ""
	}
	tools = append(tools, ir)
	for _, t := range []tool{
		{Name: "mlir-opt-16", For: "tests against MLIR", Remedy: "Debian: mlir-16-tools"},
		{Name: "opt-16", For: "tests of inspect", Remedy: "Debian: llvm-16"},
		{Name: "FileCheck-16", For: "tests of filecheck", Remedy: "Debian: llvm-16-tools"},
	} {
		if path, err := exec.LookPath(t.Name); err == nil {
			t.Found, t.Remedy = true, ""
			if out, err := exec.CommandContext(ctx, path, "--version").Output(); err == nil {
				t.Version = versionLine(string(out))
			}
		}
		tools = append(tools, t)
	}
	if c.JSON {
		e.writeJSON(map[string]any{"tools": tools})
		return nil
	}
	for _, t := range tools {
		mark, detail := "ok     ", t.Version
		if !t.Found {
			mark, detail = "missing", t.Remedy
		}
		fmt.Fprintf(e.stdout, "%s %-14s %-20s %s\n", mark, t.Name, "for "+t.For, detail)
	}
	return nil
}

func versionLine(text string) string {
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "version") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
