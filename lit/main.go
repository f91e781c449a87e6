package lit

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const usage = `usage: lit [options] PATH...

Runs the tests in files and folders.

  -v, --verbose       show why tests fail
  -a, --show-all      show every test
  --filter=REGEX      only tests whose path matches
  --filter-out=REGEX  no tests whose path matches
  --update            rewrite the CHECK lines of tests that fail
  --features          list the features that REQUIRES lines may ask for here, and end
  --time-tests        list the slowest tests
  -j N, --workers=N   run so many at a time
`

// options is a parsed command line.
type options struct {
	verbose, all, update, times, features bool
	filter, filterOut                     *regexp.Regexp
	workers                               int
	paths                                 []string
}

func parseOptions(args []string) (*options, error) {
	o := &options{}
	var err error
	for i := 0; i < len(args) && err == nil; i++ {
		name, value, _ := strings.Cut(args[i], "=")
		switch {
		case name == "-v" || name == "--verbose":
			o.verbose = true
		case name == "-a" || name == "--show-all":
			o.all = true
		case name == "--update":
			o.update = true
		case name == "--time-tests":
			o.times = true
		case name == "--features":
			o.features = true
		case name == "--filter":
			o.filter, err = regexp.Compile(value)
		case name == "--filter-out":
			o.filterOut, err = regexp.Compile(value)
		case name == "-j" && i+1 < len(args):
			i++
			o.workers, err = strconv.Atoi(args[i])
		case name == "--workers":
			o.workers, err = strconv.Atoi(value)
		case strings.HasPrefix(name, "-j") && len(name) > 2:
			o.workers, err = strconv.Atoi(name[2:])
		case strings.HasPrefix(name, "-"):
			return nil, fmt.Errorf("unknown option %s\n%s", args[i], usage)
		default:
			o.paths = append(o.paths, args[i])
		}
	}
	if err == nil && o.workers < 0 {
		err = fmt.Errorf("the number of workers is %d, expected a positive one", o.workers)
	}
	return o, err
}

// Main is the command; see usage. Its status is 0 if no test was bad, 1 if one was, 2 if
// the command line is wrong or there are no tests.
func (c *Config) Main(args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args)
	if err != nil {
		fmt.Fprintf(stderr, "lit: %v\n", err)
		return 2
	}
	if o.features {
		for _, f := range slices.Sorted(maps.Keys(c.Features)) {
			if c.Features[f] {
				fmt.Fprintln(stdout, f)
			}
		}
		return 0
	}
	files, err := c.Find(o.paths...)
	if err != nil {
		fmt.Fprintf(stderr, "lit: %v\n", err)
		return 2
	}
	files = slices.DeleteFunc(files, func(f string) bool {
		return o.filter != nil && !o.filter.MatchString(f) || o.filterOut != nil && o.filterOut.MatchString(f)
	})
	if len(files) == 0 {
		fmt.Fprintln(stderr, "lit: no tests were found")
		return 2
	}
	run := *c
	if o.workers > 0 {
		run.Workers = o.workers
	}
	start := time.Now()
	results := run.RunAll(files)
	if o.update {
		for i, r := range results {
			if r.Status == Fail {
				results[i] = run.update(r, stdout)
			}
		}
	}
	o.report(results, time.Since(start), stdout)
	if slices.ContainsFunc(results, func(r Result) bool { return r.Status.Bad() }) {
		return 1
	}
	return 0
}

// slowest is how many tests --time-tests lists.
const slowest = 20

func (o *options) report(results []Result, took time.Duration, w io.Writer) {
	count := map[Status]int{}
	for _, r := range results {
		count[r.Status]++
		if r.Status.Bad() || o.all || r.Status == Unsupported {
			fmt.Fprintf(w, "%s: %s\n", r.Status, r.Path)
		}
		if r.Output != "" && (r.Status.Bad() && (o.verbose || r.Status != Fail) || r.Status == Unsupported) {
			fmt.Fprintln(w, r.Output)
		}
	}
	if o.times {
		byTime := slices.Clone(results)
		slices.SortStableFunc(byTime, func(a, b Result) int { return int(b.Time - a.Time) })
		for _, r := range byTime[:min(slowest, len(byTime))] {
			fmt.Fprintf(w, "%8.3fs %s\n", r.Time.Seconds(), r.Path)
		}
	}
	fmt.Fprintf(w, "%d tests in %.2fs: %d passed", len(results), took.Seconds(), count[Pass])
	for _, s := range []struct {
		status Status
		name   string
	}{{Fail, "failed"}, {Unsupported, "unsupported"}, {Unresolved, "unresolved"}, {XFail, "failed as expected"}, {XPass, "passed unexpectedly"}} {
		if n := count[s.status]; n > 0 || s.status == Fail || s.status == Unsupported || s.status == Unresolved {
			fmt.Fprintf(w, ", %d %s", n, s.name)
		}
	}
	fmt.Fprintln(w)
}
