using System.Globalization;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Warehouse;

/// <summary>
/// The events of one vendor that happened on one day (UTC), in a folder of their own: <c>source=intercom/day=2026-11-21</c>, as Hive names
/// partitions. Files are only added, each under its name only when it is complete.
/// </summary>
/// <remarks>Not thread-safe; one process writes a folder at a time.</remarks>
internal sealed class DayPartition(string root, string source, DateOnly day)
{
    private const string Ending = ".parquet";

    private readonly string _folder = Path.Combine(
        root, $"source={source}", string.Create(CultureInfo.InvariantCulture, $"day={day:yyyy-MM-dd}"));

    /// <summary>Adds those of the events that no file of the folder holds, as one file more.</summary>
    /// <returns>How many were added; 0 = no file was written.</returns>
    /// <exception cref="IOException">A file that stands there cannot be read, or the folder cannot be written.</exception>
    public async Task<int> AddAsync(IReadOnlyList<JournalEvent> events, EventColumns columns, CancellationToken cancellationToken)
    {
        var missing = events.DistinctBy(e => e.Id).ToDictionary(e => e.Id);
        var last = 0;
        foreach (var file in Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, "*" + Ending) : [])
        {
            foreach (var id in await EventColumns.ReadIdsAsync(file, cancellationToken)) missing.Remove(id);

            last = Math.Max(last, NumberOf(file));
        }

        // In the order of their commits.
        if (missing.Count > 0) await WriteAsync([.. missing.Values.OrderBy(e => e.Position)], last + 1, columns, cancellationToken);

        return missing.Count;
    }

    private async Task WriteAsync(IReadOnlyList<JournalEvent> events, int number, EventColumns columns, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"part-{number:00000}{Ending}");
        // No reader takes a file that begins with a dot. One that a killed process left has the same name, and is written over.
        var unfinished = Path.Combine(_folder, $".{name}.unfinished");
        try
        {
            await using (var file = File.Create(unfinished))
            {
                await columns.WriteAsync(events, file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, Path.Combine(_folder, name));
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static int NumberOf(string file) =>
        Path.GetFileNameWithoutExtension(file).Split('-') is ["part", var number]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}
