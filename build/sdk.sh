# Sourced by the scripts at the root: the .NET SDK, quiet.
if ! command -v dotnet >/dev/null 2>&1; then
  echo "The .NET 10 SDK is needed and 'dotnet' is not on the PATH. Install it from https://dot.net and run this again." >&2
  exit 65
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# .NET lets the youngest generation grow with the processor's cache: on large servers to hundreds of megabytes. 16 MB serve as well.
export DOTNET_GCgen0size=${DOTNET_GCgen0size:-0x1000000}
