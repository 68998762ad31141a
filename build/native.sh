# Sourced by sdk.sh: makes the build work where NuGet has no librdkafka.redist. What the last restore of the connector found stands in its
# project.assets.json, so that NuGet is asked only when there is no answer yet or the packages have changed.
use_librdkafka() {
  local build project assets answer errors
  build=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  project=$build/../connector/ActivityConnector.csproj
  assets=$build/../connector/obj/project.assets.json

  if [ "${LibrdkafkaFromNuGet:-}" != false ]; then
    if [ "$assets" -nt "$build/../Directory.Packages.props" ]; then
      if grep -q '"librdkafka.redist/' "$assets"; then return; fi
      if grep -q '"librdkafka.redist": "(' "$assets"; then LibrdkafkaFromNuGet=false; fi
    fi
    if [ "${LibrdkafkaFromNuGet:-}" != false ]; then
      if answer=$(dotnet restore "$project" -v quiet 2>&1); then
        touch "$assets"
        return
      fi
      errors=$(grep -E 'NU[0-9]{4}' <<<"$answer" || true)
      if [ -z "$errors" ] || grep -qv 'librdkafka\.redist' <<<"$errors"; then
        echo "$answer" >&2
        exit 1
      fi
      echo "NuGet has no librdkafka.redist here: the connector is built without it (delete connector/obj to ask again)." >&2
      LibrdkafkaFromNuGet=false dotnet restore "$project" -v quiet >&2 || exit 1
      touch "$assets"
    fi
  fi

  # MSBuild takes it as a property, the connector takes the other as an option.
  export LibrdkafkaFromNuGet=false
  if [ -z "${Kafka__NativeLibrary:-}" ]; then
    Kafka__NativeLibrary=$("$build/librdkafka") || exit 65
    export Kafka__NativeLibrary
  fi
}
use_librdkafka
