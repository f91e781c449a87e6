# Defines cladtorch_torch, the LibTorch to build against, CLADTORCH_TORCH_VERSION
# and CLADTORCH_CXX_STANDARD, the standard that its headers ask for (17 at least).
#
# CLADTORCH_TORCH_ROOT names the folder of a LibTorch (the one with include/ and lib/),
# such as the torch package of Python. It is read without its own CMake package: that of
# a CUDA build stops when there is no CUDA toolkit, which code for the CPU does not need.
set(CLADTORCH_TORCH_ROOT "" CACHE PATH "folder of the LibTorch to use; empty: find_package(Torch)")

add_library(cladtorch_torch INTERFACE)
set_target_properties(cladtorch_torch PROPERTIES EXPORT_NAME torch)
if(CLADTORCH_TORCH_ROOT)
  set(_include ${CLADTORCH_TORCH_ROOT}/include)
  set(_includes ${_include} ${_include}/torch/csrc/api/include)
  foreach(_name torch torch_cpu c10)
    unset(CLADTORCH_LIB_${_name} CACHE)  # it may be that of another folder
    find_library(CLADTORCH_LIB_${_name} ${_name} PATHS ${CLADTORCH_TORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
    list(APPEND _libs ${CLADTORCH_LIB_${_name}})
  endforeach()
  target_link_libraries(cladtorch_torch INTERFACE -Wl,--no-as-needed ${_libs} -Wl,--as-needed)
  target_link_options(cladtorch_torch INTERFACE -Wl,-rpath,${CLADTORCH_TORCH_ROOT}/lib)
else()
  find_package(Torch REQUIRED)
  set(_includes ${TORCH_INCLUDE_DIRS})
  target_link_libraries(cladtorch_torch INTERFACE ${TORCH_LIBRARIES})
  separate_arguments(_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
  target_compile_options(cladtorch_torch INTERFACE ${_flags})
endif()
target_include_directories(cladtorch_torch SYSTEM INTERFACE ${_includes})

foreach(_dir ${_includes} /usr/include /usr/include/torch/csrc/api/include)
  foreach(_file torch/version.h torch/headeronly/version.h) # 2.x defines them in the second
    if(EXISTS ${_dir}/${_file})
      file(STRINGS ${_dir}/${_file} _lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]")
      if(_lines AND NOT _version_lines)
        set(_version_lines "${_lines}")
      endif()
    endif()
  endforeach()
  if(NOT _aten_h AND EXISTS ${_dir}/ATen/ATen.h)
    set(_aten_h ${_dir}/ATen/ATen.h)
  endif()
endforeach()
set(CLADTORCH_TORCH_VERSION "unknown")
if(_version_lines)
  string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*PATCH ([0-9]+).*" "\\1.\\2.\\3" CLADTORCH_TORCH_VERSION "${_version_lines}")
endif()
set(CLADTORCH_CXX_STANDARD 17)
if(_aten_h)
  file(STRINGS ${_aten_h} _lines REGEX "error C\\+\\+20 or later")
  if(_lines)
    set(CLADTORCH_CXX_STANDARD 20)
  endif()
endif()
message(STATUS "cladtorch: LibTorch ${CLADTORCH_TORCH_VERSION}, C++${CLADTORCH_CXX_STANDARD}")
