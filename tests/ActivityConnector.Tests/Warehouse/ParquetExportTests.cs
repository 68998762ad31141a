using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sinks.Elasticsearch;
using ActivityConnector.Transforms.Fields;
using ActivityConnector.Vendors;
using ActivityConnector.Warehouse;

namespace ActivityConnector.Tests.Warehouse;

public sealed class ParquetExportTests : IDisposable
{
    /// <summary>So little that every export writes many files.</summary>
    private const int SmallBuffer = 256 * 1024;

    private readonly TemporaryFolder _folder = new();

    private string Folder => _folder.File("warehouse");

    [Fact]
    public async Task Every_event_is_there_once_as_the_journal_has_it_in_the_partition_of_its_vendor_and_day()
    {
        List<JournalEvent> events = [.. FieldTableContract.Events(seed: 21, recordsOfAVendor: 1_500, hostileShare: 0.3), .. OddEvents()];

        var exported = await ExportAsync(events);

        var rows = await ParquetFolder.ReadAsync(Folder);
        Assert.Equal(events.Count, exported.Sum(e => e.Added));
        Assert.Equal(
            events.Select(e => (e.Id, Partition(e), Encoding.UTF8.GetString(e.Json.Span))).Order(),
            rows.Select(row => (row.Id, row.Partition, row.Json)).Order());
        Assert.True(ParquetFolder.Files(Folder).Count > 10);
    }

    [Fact]
    public async Task Every_column_says_what_the_event_says()
    {
        var events = FieldTableContract.Events(seed: 22, recordsOfAVendor: 800, hostileShare: 0.5).ToDictionary(e => e.Id);
        await ExportAsync(events.Values);

        foreach (var row in await ParquetFolder.ReadAsync(Folder))
        {
            var e = events[row.Id];
            using var json = JsonDocument.Parse(e.Json);
            Assert.Equal(e.Source.Account, row.Columns["account"]);
            Assert.Equal(ParquetFolder.Time(e.CommittedAt.UtcDateTime), row.Columns["committed_at"]);
            foreach (var field in Vendor.EventFields.Where(f => !f.IsOpen && f.Name != "event.original"))
            {
                Assert.Equal((field.Name, ParquetFolder.Expected(field, json.RootElement)), (field.Name, row.Columns[EventColumn.NameOf(field)]));
            }
        }
    }

    [Fact]
    public void No_two_columns_have_one_name_and_every_warehouse_takes_it()
    {
        var names = Vendor.EventFields.Where(f => !f.IsOpen).Select(EventColumn.NameOf)
            .Concat([EventColumns.DocumentId, EventColumns.Account, EventColumns.CommittedAt, EventColumns.EventJson, "source", "day"]).ToList();

        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(names, name => Assert.Matches("^[a-z][a-z0-9_]*$", name));
    }

    [Fact]
    public async Task Exporting_again_adds_only_what_is_new_whatever_the_bounds_are()
    {
        var events = FieldTableContract.Events(seed: 23, recordsOfAVendor: 300, hostileShare: 0.2);
        await ExportAsync(events.Take(200));
        var first = ParquetFolder.Files(Folder).ToDictionary(file => file, file => File.ReadAllBytes(Path.Combine(Folder, file)));

        var second = await ExportAsync(events.Skip(100));
        var third = await ExportAsync(events);

        Assert.Equal(events.Count - 200, second.Sum(e => e.Added));
        Assert.Equal(100, second.Sum(e => e.AlreadyThere));
        Assert.Equal((0, 0, events.Count), (third.Sum(e => e.Files), third.Sum(e => e.Added), third.Sum(e => e.AlreadyThere)));
        Assert.Equal(events.Select(e => e.Id).Order(), (await ParquetFolder.ReadAsync(Folder)).Select(row => row.Id).Order());
        Assert.All(first, file => Assert.Equal(file.Value, File.ReadAllBytes(Path.Combine(Folder, file.Key))));
    }

    [Fact]
    public async Task What_the_journal_has_forgotten_since_stays_in_the_folder()
    {
        var events = FieldTableContract.Events(seed: 24, recordsOfAVendor: 100, hostileShare: 0);
        await ExportAsync(events);

        await ExportAsync(events.Skip(events.Count / 2));

        Assert.Equal(events.Select(e => e.Id).Order(), (await ParquetFolder.ReadAsync(Folder)).Select(row => row.Id).Order());
    }

    [Fact]
    public async Task An_event_that_the_journal_gives_twice_is_there_once()
    {
        var events = FieldTableContract.Events(seed: 25, recordsOfAVendor: 50, hostileShare: 0);

        await ExportAsync(events.Concat(events));

        Assert.Equal(events.Select(e => e.Id).Order(), (await ParquetFolder.ReadAsync(Folder)).Select(row => row.Id).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    [InlineData(1_900)]
    public async Task An_export_that_ends_early_leaves_whole_files_and_the_next_one_adds_the_rest(int after)
    {
        var events = FieldTableContract.Events(seed: 26, recordsOfAVendor: 1_000, hostileShare: 0);
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ExportAsync(StoppedAfter(), stop.Token));

        var before = await ParquetFolder.ReadAsync(Folder);
        Assert.InRange(before.Count, 0, after);
        await ExportAsync(events);
        Assert.Equal(events.Select(e => e.Id).Order(), (await ParquetFolder.ReadAsync(Folder)).Select(row => row.Id).Order());

        IEnumerable<JournalEvent> StoppedAfter()
        {
            foreach (var e in events.Take(after)) yield return e;

            stop.Cancel();
            yield return events[after];
        }
    }

    [Fact]
    public async Task A_file_that_a_killed_export_was_writing_is_not_read_and_is_written_over()
    {
        var e = FieldTableContract.Events(seed: 27, recordsOfAVendor: 1, hostileShare: 0)[0];
        var unfinished = Path.Combine(Folder, Partition(e), ".part-00001.parquet.unfinished");
        Directory.CreateDirectory(Path.GetDirectoryName(unfinished)!);
        File.WriteAllBytes(unfinished, [.. "PAR1"u8, 1, 2, 3]);

        await ExportAsync([e]);

        Assert.Equal(e.Id, Assert.Single(await ParquetFolder.ReadAsync(Folder)).Id);
        Assert.False(File.Exists(unfinished));
    }

    [Theory]
    [InlineData("not Parquet at all")]
    [InlineData("PAR1")]
    [InlineData("")]
    public async Task Beside_a_file_that_cannot_be_read_nothing_is_written_and_the_error_names_it(string content)
    {
        var e = FieldTableContract.Events(seed: 28, recordsOfAVendor: 1, hostileShare: 0)[0];
        var foreign = Path.Combine(Folder, Partition(e), "theirs.parquet");
        Directory.CreateDirectory(Path.GetDirectoryName(foreign)!);
        File.WriteAllText(foreign, content);

        var failure = await Assert.ThrowsAsync<IOException>(() => ExportAsync([e]));

        Assert.StartsWith(foreign + " is no file of this export, or is damaged", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(Partition(e), "theirs.parquet"), Assert.Single(ParquetFolder.Files(Folder)));
    }

    [Fact]
    public async Task Two_exports_never_write_to_one_folder_at_once()
    {
        using (ParquetExport.Open(Folder, Vendor.EventFields))
        {
            var failure = Assert.Throws<IOException>(() => ParquetExport.Open(Folder, Vendor.EventFields));
            Assert.StartsWith($"Another export is writing to {Folder}.", failure.Message, StringComparison.Ordinal);
        }

        await ExportAsync(FieldTableContract.Events(seed: 29, recordsOfAVendor: 1, hostileShare: 0));
    }

    [Fact]
    public async Task Files_that_somebody_joined_into_one_are_known_by_their_ids()
    {
        var events = FieldTableContract.Events(seed: 30, recordsOfAVendor: 20, hostileShare: 0).Where(e => e.Source.Source == "intercom").ToList();
        await ExportAsync(events);
        foreach (var file in ParquetFolder.Files(Folder).Select(file => Path.Combine(Folder, file)))
        {
            File.Move(file, Path.Combine(Path.GetDirectoryName(file)!, "compacted.parquet"));
        }

        var again = await ExportAsync(events);

        Assert.Equal((0, events.Count), (again.Sum(e => e.Added), again.Sum(e => e.AlreadyThere)));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<IReadOnlyCollection<ExportedSource>> ExportAsync(IEnumerable<JournalEvent> events, CancellationToken cancellationToken = default)
    {
        using var export = ParquetExport.Open(Folder, Vendor.EventFields, SmallBuffer);
        return await export.RunAsync(Stream(events, cancellationToken), cancellationToken);
    }

    private static async IAsyncEnumerable<JournalEvent> Stream(IEnumerable<JournalEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var e in events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.CompletedTask;
            yield return e;
        }
    }

    private static string Partition(JournalEvent e) => $"source={e.Source.Source}/day={e.Time.UtcDateTime:yyyy-MM-dd}";

    /// <summary>At the ends of time, huge, with half a surrogate pair, and of types that no mapping gives.</summary>
    private static IEnumerable<JournalEvent> OddEvents()
    {
        string[] times =
        [
            "0001-01-01T00:00:00.0000000Z", "9999-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.9999999Z", "1970-01-01T00:00:00.0000000Z",
            "2026-02-28T23:59:59.9999999Z", "2024-02-29T00:00:00.0000001Z",
        ];
        string[] more =
        [
            "",
            $",\"message\":\"{new string('x', 3_000_000)}\"",
            ",\"message\":\"\\ud800\",\"user.name\":\"\\udc00x\",\"tags\":[\"\\ud83d\"]",
            ",\"message\":7,\"event.severity\":\"high\",\"source.port\":1e400,\"event.created\":\"yesterday\",\"tags\":\"one\",\"related.user\":[1,null,\"a\"]",
            ",\"event.category\":[],\"event.type\":[null],\"user.id\":[\"a\"],\"source.port\":18446744073709551616",
            ",\"event.created\":\"0001-01-01T00:00:00+14:00\",\"message\":\"\"",
        ];
        return from time in times
               from tail in more
               let number = Array.IndexOf(times, time) * more.Length + Array.IndexOf(more, tail)
               select new JournalEvent(
                   100_000 + number, Some.Intercom, Some.Event(number).Id, DateTimeOffset.Parse(time, null), null, Some.Start,
                   Encoding.UTF8.GetBytes($"{{\"@timestamp\":\"{time}\"{tail}}}"));
    }
}
