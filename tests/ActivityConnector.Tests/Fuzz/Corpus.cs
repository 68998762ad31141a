using System.IO.Compression;

namespace ActivityConnector.Tests.Fuzz;

/// <summary>
/// The inputs that are kept: a folder for each target with files that people have named, and an archive beside it with those that the fuzzer
/// has found to take other branches.
/// </summary>
internal static class Corpus
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fuzz", "Corpus");

    public static IEnumerable<(string Name, byte[] Input)> Of(string target)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Folder, target)).Order(StringComparer.Ordinal))
        {
            yield return (Path.GetFileName(file), File.ReadAllBytes(file));
        }

        if (!File.Exists(Path.Combine(Folder, target + ".zip"))) yield break;

        using var archive = ZipFile.OpenRead(Path.Combine(Folder, target + ".zip"));
        foreach (var entry in archive.Entries)
        {
            using var stream = entry.Open();
            var bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            yield return (entry.Name, bytes);
        }
    }

    /// <summary>The parts of an input that has several: lines of three dashes divide them. As many as are asked for; missing ones are empty.</summary>
    public static byte[][] Parts(byte[] input, int count)
    {
        var parts = new List<byte[]>();
        while (parts.Count < count - 1 && input.AsSpan().IndexOf("\n---\n"u8) is >= 0 and var at)
        {
            parts.Add(input[..at]);
            input = input[(at + 5)..];
        }

        parts.Add(input);
        while (parts.Count < count) parts.Add([]);

        return [.. parts];
    }
}
