# [[.Name]]::host: what cladopt_host.h lends, [[if .BLAS]]OpenMP's threads and a BLAS, each where there is one[[else]]OpenMP's threads where there are any[[end]].
if(NOT TARGET [[.Name]]::host)
  add_library([[.Name]]::host INTERFACE IMPORTED GLOBAL)
  target_link_libraries([[.Name]]::host INTERFACE [[.Name]]::[[.Name]])
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(OpenMP_CXX_FOUND)
    target_compile_options([[.Name]]::host INTERFACE "SHELL:${OpenMP_CXX_FLAGS}")
    target_link_libraries([[.Name]]::host INTERFACE ${OpenMP_CXX_LIBRARIES})
  endif()
[[- if .BLAS]]
  set(BLA_SIZEOF_INTEGER 4)
  find_package(BLAS QUIET)
  if(BLAS_FOUND)
    target_compile_definitions([[.Name]]::host INTERFACE CLADOPT_HOST_BLAS)
    target_link_libraries([[.Name]]::host INTERFACE ${BLAS_LINKER_FLAGS} ${BLAS_LIBRARIES})
  endif()
[[- end]]
endif()
