package inspect

import (
	"regexp"
	"strconv"
	"strings"
)

// machineCode is what is read of the assembly of one function.
type machineCode struct {
	fma          int
	instructions int
	calls        map[string]int
	loops        []*machineLoop // innermost ones
}

// machineLoop is an innermost loop of machine code.
type machineLoop struct {
	lines        map[int]int // instructions by line of the C++
	fma          int
	instructions int
}

var (
	asmLabel   = regexp.MustCompile(`^([A-Za-z_$][\w$.@]*):`)
	asmBlock   = regexp.MustCompile(`^(?:\.L(BB\d+_\d+):|(?:#|//) %bb\.\d+:)`)
	asmHeader  = regexp.MustCompile(`This (Inner )?Loop Header: Depth=\d+`)
	asmInLoop  = regexp.MustCompile(`in Loop: Header=(BB\d+_\d+)`)
	asmFMA     = regexp.MustCompile(`^(?:vf(?:n)?m(?:add|sub)|vfmaddsub|vfmsubadd|fml[as]|fn?madd|fn?msub|vfn?m(?:acc|sac))`)
	asmCall    = regexp.MustCompile(`^(?:callq?|jmp|bl|b|call|tail)$`)
	asmComment = regexp.MustCompile(`\s+(?:#|//).*$`)
)

// readAssembly reads what clang writes with -S: loops are named in its comments.
func readAssembly(text string) map[string]*machineCode {
	out := map[string]*machineCode{}
	var at *machineCode
	loops := map[string]*machineLoop{} // by the label of the header
	var in *machineLoop
	block, line := "", 0
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\n")
		if m := asmLabel.FindStringSubmatch(l); m != nil && !strings.HasPrefix(l, ".") {
			at = &machineCode{calls: map[string]int{}}
			out[m[1]] = at
			clear(loops)
			in = nil
			continue
		}
		if at == nil {
			continue
		}
		if strings.HasPrefix(l, ".Lfunc_end") {
			at = nil
			continue
		}
		if m := asmBlock.FindStringSubmatch(l); m != nil {
			block, in = m[1], nil
		}
		// Which loop a block is in stands in comments behind and below its label.
		if m := asmHeader.FindStringSubmatch(l); m != nil {
			in = &machineLoop{lines: map[int]int{}}
			loops[block] = in
			if m[1] != "" {
				at.loops = append(at.loops, in)
			}
		} else if m := asmInLoop.FindStringSubmatch(l); m != nil {
			in = loops[m[1]]
		}
		if !strings.HasPrefix(l, "\t") {
			continue
		}
		fields := strings.Fields(asmComment.ReplaceAllString(l, ""))
		if len(fields) == 0 {
			continue
		}
		if fields[0] == ".loc" && len(fields) > 2 {
			line, _ = strconv.Atoi(fields[2])
		}
		if strings.HasPrefix(fields[0], ".") || strings.HasPrefix(fields[0], "#") || strings.HasPrefix(fields[0], "//") {
			continue
		}
		at.instruction(fields, in, line)
	}
	return out
}

func (c *machineCode) instruction(fields []string, in *machineLoop, line int) {
	fma := 0
	if asmFMA.MatchString(fields[0]) {
		fma = 1
	}
	c.fma += fma
	c.instructions++
	if in != nil {
		in.fma += fma
		in.instructions++
		in.lines[line]++
	}
	if len(fields) < 2 || !asmCall.MatchString(fields[0]) || strings.HasPrefix(fields[1], ".") {
		return
	}
	name := strings.TrimSuffix(fields[1], "@PLT")
	if strings.ContainsAny(name, "*%(,") {
		if strings.HasPrefix(fields[0], "call") || fields[0] == "bl" {
			c.calls["(indirect)"]++
		}
		return
	}
	c.calls[name]++
}
