# Sourced by sdk.sh: makes the build work where NuGet has no librdkafka.redist. What the last restore of the connector found stands in its
# project.assets.json, so that NuGet is asked only when there is no answer yet, the packages have changed, or the package is gone.
build=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$build/../connector/ActivityConnector.csproj
assets=$build/../connector/obj/project.assets.json

from_nuget() {
  local folder errors
  if [ "${LibrdkafkaFromNuGet:-}" = false ]; then return 1; fi
  if [ "$assets" -nt "$build/../Directory.Packages.props" ]; then
    if grep -q '"librdkafka.redist": "(' "$assets"; then return 1; fi
    folder=$(sed -n '/"packageFolders"/,/}/s/.*"\(.*\)": {}.*/\1/p' "$assets" | head -n 1)
    if grep -q '"librdkafka.redist/' "$assets" && [ -d "$folder/librdkafka.redist" ]; then return 0; fi
  fi

  if errors=$(dotnet restore "$project" -v quiet 2>&1); then
    touch "$assets"
    return 0
  fi
  errors=$(grep -E 'NU[0-9]{4}' <<<"$errors" || echo "$errors")
  if grep -qv 'librdkafka\.redist' <<<"$errors"; then
    echo "$errors" >&2
    exit 1
  fi
  echo "NuGet has no librdkafka.redist here: the connector is built without it (delete connector/obj to ask again)." >&2
  LibrdkafkaFromNuGet=false dotnet restore "$project" -v quiet >&2 || exit 1
  touch "$assets"
  return 1
}

if ! from_nuget; then
  # MSBuild takes the one as a property, the connector the other as an option.
  export LibrdkafkaFromNuGet=false
  if [ -z "${Kafka__NativeLibrary:-}" ]; then
    Kafka__NativeLibrary=$("$build/librdkafka") || exit 65
    export Kafka__NativeLibrary
  fi
fi
