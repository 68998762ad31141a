using System.Globalization;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>Whether the file of the journal can be used, and has room. Also while a connector uses it.</summary>
internal static class SqliteCheck
{
    private const long Megabyte = 1 << 20;
    private const long LeastRoom = 100 * Megabyte;

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(JournalOptions options, CancellationToken cancellationToken)
    {
        var part = $"journal {options.Path}";
        try
        {
            bool isFree;
            using (var ownership = JournalLock.TryTake(options.Path))
            {
                isFree = ownership is not null;
            }

            if (!File.Exists(options.Path)) return [new(part, "It is not there yet and can be made."), Room(options)];

            await using var view = await SqliteJournalView.OpenAsync(options.Path, cancellationToken);
            return [new(part, isFree ? "It can be opened." : $"It is in use by {await view.OwnerAsync(cancellationToken)}."), Room(options)];
        }
        catch (JournalException e)
        {
            return [CheckResult.Of(part, e)];
        }
    }

    private static CheckResult Room(JournalOptions options)
    {
        var file = new FileInfo(Path.GetFullPath(options.Path));
        var used = (file.Exists ? file.Length : 0) + SqliteFailure.LogBytes(options.Path);
        var limit = SqliteJournal.MaxBytes(options);
        var free = new DriveInfo(file.DirectoryName!).AvailableFreeSpace;
        var room = Math.Max(0, Math.Min(limit - used, free));
        return new(
            "room of the journal",
            string.Create(CultureInfo.InvariantCulture, $"It has {used / Megabyte} MiB and room for {room / Megabyte} MiB more."),
            room < Math.Max(Megabyte, Math.Min(LeastRoom, limit / 10)) ? SqliteFailure.RoomFix(limit - used < free) : null);
    }
}
