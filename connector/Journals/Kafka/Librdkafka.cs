using System.Runtime.InteropServices;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The native library under Confluent.Kafka: the one that comes with the connector, or the one that <c>Kafka:NativeLibrary</c> names.</summary>
public static class Librdkafka
{
    /// <summary>Older ones fail: the oldest at consuming, later ones with idempotent producers or in consumer groups of Kafka 4.0.</summary>
    public static readonly Version Oldest = new(2, 11, 1);

    private const string Setting = "Kafka:NativeLibrary";

    private static readonly Lock Gate = new();
    private static nint _named;
    private static bool _resolves;
    private static (string? Path, Version Version)? _loaded;

    /// <summary>
    /// To be called before the first Kafka client is made, with the setting or null. Once it has returned, clients of this process have a
    /// library that is new enough; it may be called again with the same path.
    /// </summary>
    /// <exception cref="MissingPartException">There is no library, it cannot be loaded, or it is too old.</exception>
    /// <exception cref="InvalidOperationException">Another library is in use: a process has only one.</exception>
    public static void Use(string? path)
    {
        var version = Load(path);
        if (version < Oldest)
        {
            throw new MissingPartException($"librdkafka {version} is too old: producing or consuming can fail with it.", Fix(path));
        }
    }

    /// <summary>Loads the library and says its version, however old it is.</summary>
    /// <exception cref="MissingPartException">There is no library, or it cannot be loaded.</exception>
    /// <exception cref="InvalidOperationException">Another library is in use: a process has only one.</exception>
    public static Version Load(string? path)
    {
        path = string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path);
        lock (Gate)
        {
            if (_loaded is { } loaded && loaded.Path == path)
            {
                return loaded.Version;
            }

            var named = path is null ? 0 : Open(path);
            if (_loaded is { } other)
            {
                throw new InvalidOperationException($"librdkafka is in use already: {other.Path ?? "the one that comes with the connector"}.");
            }

            _named = named;
            if (!_resolves)
            {
                // Zero: .NET looks for it itself. Confluent.Kafka asks for several names, one a system it is built for.
                NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) => name.Contains("librdkafka", StringComparison.Ordinal) ? _named : 0);
                _resolves = true;
            }

            try
            {
                var number = Library.Version;
                var version = new Version(number >> 24, (number >> 16) & 0xff, (number >> 8) & 0xff);
                _loaded = (path, version);
                return version;
            }
            catch (DllNotFoundException e)
            {
                throw new MissingPartException("librdkafka, the native library of the Kafka client, is missing or does not fit this system.", Fix(path), e);
            }
            catch (FileLoadException e)
            {
                throw new MissingPartException($"librdkafka is too old for the Kafka client: {e.Message}.", Fix(path), e);
            }
        }
    }

    private static nint Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new MissingPartException($"{Setting}: there is no file {path}.", Fix(path));
        }

        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            // Its first lines are general advice, the system's own words come last.
            var cause = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
            throw new MissingPartException($"{Setting}: {path} cannot be loaded ({cause}).", Fix(path), e);
        }

        if (!NativeLibrary.TryGetExport(library, "rd_kafka_version", out _))
        {
            NativeLibrary.Free(library);
            throw new MissingPartException($"{Setting}: {path} is not librdkafka.", Fix(path));
        }

        return library;
    }

    private static string Fix(string? path) => path is null
        ? $"Set {Setting} to the path of librdkafka {Oldest} or later."
        : $"Set {Setting} to the path of librdkafka {Oldest} or later, or leave it out for the one that comes with the connector.";
}
