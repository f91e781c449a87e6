# Installs library, headers and the package cladtorchConfig.cmake.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cladtorch)
install(TARGETS cladtorch cladtorch_torch EXPORT cladtorchTargets)
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/../include/cladtorch DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT cladtorchTargets NAMESPACE cladtorch:: DESTINATION ${_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/cladtorchConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/cladtorchConfig.cmake INSTALL_DESTINATION ${_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/cladtorchConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cladtorchConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/cladtorchConfigVersion.cmake DESTINATION ${_dir})
