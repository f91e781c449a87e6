package native

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"runtime"
)

var machines = map[string]elf.Machine{
	"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "riscv64": elf.EM_RISCV,
	"ppc64le": elf.EM_PPC64, "s390x": elf.EM_S390, "loong64": elf.EM_LOONGARCH,
}

// checkFormat refuses what is not a whole shared library of this machine. The
// dynamic linker maps what the program headers say: a file that was cut short
// would end the process with SIGBUS.
func checkFormat(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	f, err := elf.NewFile(file)
	if err != nil {
		return errors.New("not an ELF file, or a damaged one: " + err.Error())
	}
	if want, ok := machines[runtime.GOARCH]; f.Type != elf.ET_DYN || ok && f.Machine != want {
		return fmt.Errorf("the ELF file is %s for %s, want %s for %s", f.Type, f.Machine, elf.ET_DYN, want)
	}
	for _, p := range f.Progs {
		if end := p.Off + p.Filesz; end < p.Off || end > uint64(info.Size()) {
			return fmt.Errorf("the file ends at byte %d, its program headers need %d", info.Size(), end)
		}
	}
	return nil
}
