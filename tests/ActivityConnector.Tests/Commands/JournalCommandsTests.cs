using System.Text;
using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Commands;

public sealed class JournalCommandsTests : IDisposable
{
    private readonly Session _session = new();

    /// <summary>Who reads a range writes the journal, and Kafka lets the newest writer in.</summary>
    [Theory]
    [InlineData("sweep")]
    [InlineData("backfill", "start")]
    public async Task A_range_with_a_journal_in_kafka_is_not_read_by_the_command_itself_unless_that_is_asked_for(params string[] verb)
    {
        var exitCode = await _session.RunAsync(
        [
            .. verb, "--source", "intercom", "--from", "-3d", "--to", "-1d", "--set", "Journal:Kind=Kafka", "--set", "Kafka:BootstrapServers=127.0.0.1:1",
            "--set", "Sources:Intercom:AccessToken=x", "--set", "Admin:Url=http://127.0.0.1:1",
        ]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("No connector with this journal answers at http://127.0.0.1:1, and to read the range here", _session.Error, StringComparison.Ordinal);
        Assert.Contains("where none runs, add --here.", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_exported_as_they_were_committed()
    {
        await using (await FillAsync())
        {
            // Beside a running connector.
            Assert.Equal(0, await _session.RunAsync("export"));
        }

        Assert.Equal(["evt-0", "evt-1", "evt-2"], _session.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event.id").GetString()));
    }

    [Fact]
    public async Task An_export_can_be_bounded()
    {
        await (await FillAsync()).DisposeAsync();

        Assert.Equal(0, await _session.RunAsync("export", "--since", "2026-11-21T20:00:01Z", "--until", "2026-11-21T20:00:02Z", "--source", "intercom"));
        Assert.Equal("evt-1", JsonDocument.Parse(Assert.Single(_session.Lines)).RootElement.GetProperty("event.id").GetString());

        Assert.Equal(0, await _session.RunAsync("export", "--source", "sequence"));
        Assert.Equal(("", "The journal has no such event."), (_session.Out, _session.Error.TrimEnd()));
    }

    [Theory]
    [InlineData("plain, with \"quotes\"", "\"plain, with \"\"quotes\"\"\"")]
    [InlineData("=HYPERLINK(\"x\"), and more", "\"'=HYPERLINK(\"\"x\"\"), and more\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(1)", "'@SUM(1)")]
    [InlineData("  =1", "\"  '=1\"")]
    [InlineData("\t=1", "\\t'=1")]
    [InlineData("\tx", "'\\tx")]
    [InlineData("\r\nx", "'\\r\\nx")]
    [InlineData("\uff1d1", "'\uff1d1")]
    [InlineData("\u200b=1", "\\u200b'=1")]
    [InlineData("a;=1; @x;b", "\"a;'=1; '@x;b\"")]
    [InlineData("two\nlines\u202e", "two\\nlines\\u202e")]
    [InlineData("a = b", "a = b")]
    public async Task A_cell_of_csv_is_quoted_where_needed_and_never_a_formula(string message, string cell)
    {
        await CommitAsync(new() { ["event.category"] = new[] { "iam", "configuration" }, ["event.severity"] = 47, ["message"] = message });

        Assert.Equal(0, await _session.RunAsync("export", "--format", "csv", "--fields", "user.id,@timestamp,event.category,event.severity,message,user.name"));

        Assert.Equal($"user.id,@timestamp,event.category,event.severity,message,user.name\r\n,2026-11-21,\"iam; configuration\",47,{cell},\r\n", _session.Out);
    }

    [Fact]
    public async Task A_cell_of_csv_is_cut_at_what_a_spreadsheet_takes_and_marked()
    {
        await CommitAsync(new() { ["message"] = new string('x', 40_000), ["user.id"] = new string('y', 32_767) });

        Assert.Equal(0, await _session.RunAsync("export", "--format", "csv", "--fields", "message,user.id"));

        var cells = _session.Lines[1].TrimEnd('\r').Split(',');
        Assert.Equal((32_767, 32_767), (cells[0].Length, cells[1].Length));
        Assert.EndsWith("x… [cut]", cells[0], StringComparison.Ordinal);
        Assert.EndsWith("yy", cells[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_begins_with_a_byte_order_mark_when_it_is_asked_for()
    {
        await CommitAsync(new() { ["message"] = "é" });

        Assert.Equal(0, await _session.RunAsync("export", "--format", "csv", "--fields", "message", "--bom"));
        Assert.Equal("\uFEFFmessage\r\né\r\n", _session.Out);

        Assert.Equal(2, await _session.RunAsync("export", "--bom"));
        Assert.StartsWith("--bom goes with --format csv.", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checkpoints_are_shown_moved_and_forgotten()
    {
        await (await FillAsync()).DisposeAsync();

        Assert.Equal(0, await _session.RunAsync("checkpoint", "show"));
        Assert.Equal("intercom\twindow\t2026-11-21T20:01:00Z\t1\t2026-11-21T20:01:00Z\t10\t0\t0\t0", Assert.Single(_session.Lines));

        Assert.Equal(0, await _session.RunAsync("checkpoint", "set", "intercom", "--watermark", "2026-11-01", "--yes"));
        await _session.RunAsync("checkpoint", "show");
        Assert.StartsWith("intercom\twindow\t2026-11-01T00:00:00Z\t2\t", _session.Out, StringComparison.Ordinal);

        Assert.Equal(0, await _session.RunAsync("checkpoint", "reset", "intercom/abc123", "--yes"));
        await _session.RunAsync("checkpoint", "show");
        Assert.Empty(_session.Out);
    }

    [Theory]
    [InlineData("checkpoint set intercom --watermark 2026-11-01 --yes", "checkpoint-moved", "intercom/abc123")]
    [InlineData("checkpoint reset intercom --yes", "checkpoint-reset", "intercom/abc123")]
    [InlineData("checkpoint import checkpoints --yes", "checkpoint-imported", "intercom/abc123")]
    [InlineData("dlq discard --all --yes", "dead-letter-discarded", "intercom/abc123")]
    public async Task A_change_is_told_of_by_an_audit_event_in_the_journal(string arguments, string action, string target)
    {
        await (await FillAsync(Some.DeadLetter(1))).DisposeAsync();
        await _session.RunAsync("checkpoint", "export");
        _session.Write("checkpoints", _session.Out);

        Assert.Equal(0, await _session.RunAsync(arguments.Split(' ')));

        await _session.RunAsync("export");
        using var told = JsonDocument.Parse(_session.Lines[3]);
        Assert.Equal(4, _session.Lines.Length);
        Assert.Equal(
            ("activity_connector.audit", action, target),
            (Field("event.dataset"), Field("event.action"), Field("activity_connector.change.target")));
        Assert.NotEmpty(Field("user.name")!);

        string? Field(string name) => told.RootElement.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_change_that_is_told_of_does_not_disturb_the_writer_after_it()
    {
        await (await FillAsync(Some.DeadLetter(1))).DisposeAsync();
        Assert.Equal(0, await _session.RunAsync("dlq", "discard", Some.DeadLetter(1).Id, "--yes"));

        await using (var journal = await OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(2, Some.Events(3, 1)), default);
        }

        await _session.RunAsync("export");
        Assert.Equal(5, _session.Lines.Length);
    }

    [Fact]
    public async Task A_paused_source_that_is_reset_stays_paused_where_its_start_is_known_and_its_ranges_are_cancelled()
    {
        await FillWithRangeAsync();
        string[] on = ["--set", "Sources:Intercom:AccessToken=t", "--set", "Sources:Intercom:StartAt=2026-01-01"];
        Assert.Equal(0, await _session.RunAsync(["checkpoint", "reset", "intercom", "--yes", .. on]));
        Assert.StartsWith("intercom stands at its start, and is still paused", _session.Out, StringComparison.Ordinal);
        Assert.Contains("backfill 1a2b3c4d of intercom", _session.Out, StringComparison.Ordinal);

        await _session.RunAsync(["status", "-o", "json", "--set", "Admin:Enabled=false", .. on]);
        var source = JsonDocument.Parse(_session.Out).RootElement.GetProperty("sources")[0];
        Assert.Equal("paused", source.GetProperty("condition").GetString());
        Assert.Equal("2025-12-31T23:59:59+00:00", source.GetProperty("read_to").GetString());
        await _session.RunAsync(["backfill", "status", "--set", "Admin:Enabled=false", .. on]);
        Assert.Contains("cancelled", _session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_is_reset_keeps_the_gaps_before_its_start_where_that_is_known()
    {
        var gap = new SuspectRange { From = 1_700_000_000, To = 1_700_000_059, Cause = "500", Tries = 1, NextAt = 1_800_000_000 };
        await using (var journal = await OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            var checkpoint = Some.Checkpoint(1);
            await writer.CommitAsync(new([], [], checkpoint with { Window = checkpoint.Window! with { Suspects = [gap] } }), default);
        }

        string[] on = ["--set", "Sources:Intercom:AccessToken=t", "--set", "Sources:Intercom:StartAt=2026-01-01"];
        Assert.Equal(0, await _session.RunAsync(["checkpoint", "reset", "intercom", "--yes", .. on]));
        Assert.StartsWith("intercom stands at its start, and the next run reads on from there.", _session.Out, StringComparison.Ordinal);

        await _session.RunAsync(["checkpoint", "show", .. on]);
        Assert.Contains($"{gap} is not known to be complete", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_that_is_cancelled_where_no_connector_runs_is_told_of_by_an_audit_event()
    {
        await FillWithRangeAsync();

        Assert.Equal(0, await _session.RunAsync("backfill", "cancel", "1a2b3c4d", "--set", "Admin:Enabled=false"));

        await _session.RunAsync("export");
        using var told = JsonDocument.Parse(Assert.Single(_session.Lines));
        Assert.Equal("backfill-cancelled", told.RootElement.GetProperty("event.action").GetString());
    }

    [Fact]
    public async Task The_status_without_a_connector_says_first_since_when_nothing_was_committed()
    {
        await (await FillAsync()).DisposeAsync();

        Assert.Equal(1, await _session.RunAsync("status", "--set", "Admin:Url=http://127.0.0.1:1"));

        Assert.StartsWith(
            "No connector answers at http://127.0.0.1:1, so none seems to run: nothing was committed since 2026-11-21T20:01:00Z.",
            _session.Error, StringComparison.Ordinal);
        Assert.StartsWith("intercom\tnot running\t", _session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_reasons_are_one_group_wherever_in_the_text_they_are()
    {
        DeadLetter[] letters =
        [
            Some.DeadLetter(1) with { Reason = "It is not valid JSON: line 1, byte 17." },
            Some.DeadLetter(2) with { Reason = "It is not valid JSON: line 4, byte 2." },
            Some.DeadLetter(3) with { Reason = "The event has 1100000 bytes; the journal takes 1000000." },
            Some.DeadLetter(4) with { Reason = "The event has 1200000 bytes; the journal takes 1000000." },
        ];
        await (await FillAsync(letters)).DisposeAsync();

        Assert.Equal(0, await _session.RunAsync("dlq", "list", "--by", "reason"));

        Assert.Equal(
            ["It is not valid JSON. 2", "The event has too many bytes; the journal takes 1000000. 2"],
            _session.Lines.Select(line => string.Join(' ', line.Split('\t')[..2])).Order());
    }

    [Fact]
    public async Task Exported_checkpoints_can_be_imported_elsewhere()
    {
        await (await FillAsync()).DisposeAsync();
        await _session.RunAsync("checkpoint", "export");
        _session.Write("checkpoints", _session.Out);

        Assert.Equal(0, await _session.RunAsync("checkpoint", "import", "checkpoints", "--yes", "--set", "Journal:Path=other.db"));
        await _session.RunAsync("checkpoint", "show", "--set", "Journal:Path=other.db");
        Assert.StartsWith("intercom\twindow\t2026-11-21T20:01:00Z\t1\t", _session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Known_events_are_passed_on_from_journal_to_journal_with_their_content()
    {
        await (await FillAsync()).DisposeAsync();
        await _session.RunAsync("checkpoint", "export");
        _session.Write("first", _session.Out);
        await _session.RunAsync("checkpoint", "import", "first", "--yes", "--set", "Journal:Path=second.db");
        await _session.RunAsync("checkpoint", "export", "--set", "Journal:Path=second.db");
        _session.Write("second", _session.Out);

        Assert.Equal(0, await _session.RunAsync("checkpoint", "import", "second", "--yes", "--set", "Journal:Path=third.db"));

        // With the event that tells of the first import.
        Assert.Equal("intercom/abc123 is set (sequence 1, 4 events known).", Assert.Single(_session.Lines));
        Assert.Equal(Some.Events(0, 3).Select(e => (ulong?)e.ContentDigest), await KnownAsync("third.db"));
    }

    [Fact]
    public async Task An_export_of_which_a_line_is_missing_is_not_imported()
    {
        await (await FillAsync()).DisposeAsync();
        await _session.RunAsync("checkpoint", "export");
        var lines = _session.Lines.ToList();
        Assert.Equal(3, lines.Count);

        for (var missing = 0; missing < lines.Count; missing++)
        {
            _session.Write("checkpoints", string.Join('\n', lines.Where((_, i) => i != missing)));
            Assert.Equal(1, await _session.RunAsync("checkpoint", "import", "checkpoints", "--yes", "--set", "Journal:Path=other.db"));
            Assert.Contains("not whole", _session.Error, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(_session.Folder, "other.db")));
        }
    }

    [Fact]
    public async Task A_damaged_import_changes_nothing()
    {
        await (await FillAsync()).DisposeAsync();
        await _session.RunAsync("checkpoint", "export");
        _session.Write("checkpoints", _session.Out.Replace("\"seq\":1", "\"seq\":9", StringComparison.Ordinal));

        Assert.Equal(1, await _session.RunAsync("checkpoint", "import", "checkpoints", "--yes", "--set", "Journal:Path=other.db"));
        Assert.False(File.Exists(Path.Combine(_session.Folder, "other.db")));
    }

    [Theory]
    [InlineData("n\n", true, 1, "Nothing was changed.")]
    [InlineData("y\n", true, 0, "")]
    [InlineData("", false, 2, "There is no terminal to ask here: confirm with --yes.")]
    public async Task A_change_is_asked_for_first(string answer, bool canAsk, int code, string said)
    {
        await (await FillAsync()).DisposeAsync();
        (_session.Input, _session.CanAsk) = (answer, canAsk);

        Assert.Equal(code, await _session.RunAsync("checkpoint", "reset", "intercom"));
        Assert.EndsWith(said, _session.Error.TrimEnd(), StringComparison.Ordinal);

        await _session.RunAsync("checkpoint", "show");
        Assert.Equal(code == 0, _session.Out.Length == 0);
    }

    [Theory]
    [InlineData("checkpoint reset intercom --yes")]
    [InlineData("checkpoint set intercom --watermark 2026-11-01 --yes")]
    [InlineData("dlq discard --all --yes")]
    public async Task A_journal_in_use_is_not_changed(string arguments)
    {
        await using var running = await FillAsync();

        Assert.Equal(75, await _session.RunAsync(arguments.Split(' ')));
        Assert.Single(_session.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Dead_letters_are_listed_shown_and_discarded()
    {
        await (await FillAsync(Some.DeadLetter(1), Some.DeadLetter(2))).DisposeAsync();
        var id = Some.DeadLetter(1).Id;

        Assert.Equal(0, await _session.RunAsync("dlq", "list"));
        Assert.Contains($"{id}\tpage\t2026-11-21T20:00:00Z\tintercom\t3\tnot an object", _session.Lines);

        Assert.Equal(0, await _session.RunAsync("dlq", "show", id));
        Assert.Contains("record\t[1]", _session.Lines);

        Assert.Equal(0, await _session.RunAsync("dlq", "discard", id, "--yes"));
        Assert.Equal(1, await _session.RunAsync("dlq", "discard", id, "--yes"));
        Assert.Equal(0, await _session.RunAsync("dlq", "discard", "--all", "--yes"));
        Assert.Equal("1 deleted.", _session.Lines.Single());
    }

    [Fact]
    public async Task A_journal_that_is_not_there_is_not_made()
    {
        Assert.Equal(1, await _session.RunAsync("dlq", "discard", "--all", "--yes"));
        Assert.Equal(1, await _session.RunAsync("export"));
        Assert.StartsWith($"There is no journal {_session.JournalPath}.", _session.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_session.JournalPath));
    }

    [Fact]
    public async Task A_source_that_is_not_in_the_journal_is_answered_with_those_that_are()
    {
        await (await FillAsync()).DisposeAsync();

        Assert.Equal(1, await _session.RunAsync("checkpoint", "reset", "sequence", "--yes"));
        Assert.Equal("The journal has no checkpoint of sequence. There are: intercom.", _session.Error.TrimEnd());
    }

    [Theory]
    [InlineData("export --source typo")]
    [InlineData("export --source intercon")]
    [InlineData("export --source intercom/other")]
    [InlineData("dlq list --source typo")]
    [InlineData("checkpoint reset typo --yes")]
    [InlineData("checkpoint set typo --watermark 2026-11-01 --yes")]
    [InlineData("checkpoint accept typo x --yes")]
    public async Task A_source_that_does_not_exist_is_wrong_usage_and_those_that_do_are_named(string arguments)
    {
        await (await FillAsync()).DisposeAsync();

        Assert.Equal(2, await _session.RunAsync(arguments.Split(' ')));
        Assert.StartsWith("There is no source ", _session.Error, StringComparison.Ordinal);
        Assert.EndsWith("There are: intercom, sequence.", _session.Error.TrimEnd(), StringComparison.Ordinal);
        Assert.Empty(_session.Out);
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("intercom/abc123")]
    public async Task A_source_is_understood_by_its_name_and_by_its_full_name(string name)
    {
        await (await FillAsync()).DisposeAsync();

        Assert.Equal(0, await _session.RunAsync("export", "--source", name));
        Assert.Equal(3, _session.Lines.Length);
        Assert.Equal(0, await _session.RunAsync("checkpoint", "set", name, "--watermark", "2026-11-01", "--yes"));
        Assert.StartsWith("intercom stands at", _session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_journal_the_demos_is_named_where_there_is_one()
    {
        _session.Write("data/demo/journal.db", "");

        Assert.Equal(1, await _session.RunAsync("checkpoint", "show"));
        Assert.EndsWith(
            "The demo's is another one: add --set Journal:Path=data/demo/journal.db to this command.", _session.Error.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checkpoints_are_imported_from_standard_input()
    {
        await (await FillAsync()).DisposeAsync();
        await _session.RunAsync("checkpoint", "export");
        _session.Input = _session.Out;

        Assert.Equal(2, await _session.RunAsync("checkpoint", "import", "-", "--set", "Journal:Path=other.db"));
        Assert.False(File.Exists(Path.Combine(_session.Folder, "other.db")));
        Assert.Equal(0, await _session.RunAsync("checkpoint", "import", "-", "--yes", "--set", "Journal:Path=other.db"));
        Assert.Equal("intercom/abc123 is set (sequence 1, 3 events known).", Assert.Single(_session.Lines));
    }

    /// <summary>Cut off at every tenth byte, and with another byte there.</summary>
    [Fact]
    public async Task However_a_file_of_checkpoints_is_damaged_nothing_is_changed()
    {
        await (await FillAsync()).DisposeAsync();
        await _session.RunAsync("checkpoint", "export");
        var whole = _session.Out;
        for (var i = 0; i < whole.TrimEnd().Length; i += 10)
        {
            foreach (var damaged in (string[])[whole[..i], whole.Remove(i, 1).Insert(i, "\u0001")])
            {
                _session.Input = damaged;
                Assert.Equal(1, await _session.RunAsync("checkpoint", "import", "-", "--yes", "--set", "Journal:Path=other.db"));
                Assert.EndsWith("Nothing was changed. Export it again with 'checkpoint export'.", _session.Error.TrimEnd(), StringComparison.Ordinal);
            }
        }

        Assert.False(File.Exists(Path.Combine(_session.Folder, "other.db")));
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("\u0000\u0001\u007fELF", "The file is not what 'checkpoint export' writes.")]
    [InlineData("{\"lines\":0}", "The file has no checkpoint: there is nothing to set.")]
    public async Task A_file_that_holds_no_checkpoint_is_said_to(string content, string said)
    {
        _session.Write("file", content);

        Assert.Equal(1, await _session.RunAsync("checkpoint", "import", "file", "--yes"));
        Assert.StartsWith(said, _session.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_session.JournalPath));
    }

    [Theory]
    [InlineData("missing", "missing cannot be read: there is no such file.")]
    [InlineData(".", ". cannot be read: it is a folder or access is denied.")]
    public async Task A_file_that_cannot_be_read_is_named(string file, string said)
    {
        Assert.Equal(1, await _session.RunAsync("checkpoint", "import", file, "--yes"));
        Assert.StartsWith(said, _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_of_a_vendor_that_is_not_read_is_not_imported()
    {
        var checkpoint = Encoding.UTF8.GetString(CheckpointText.Serialize(Some.Checkpoint(1, new SourceKey("acme", "x"))));
        _session.Write("file", checkpoint + "\n{\"lines\":1}\n");

        Assert.Equal(1, await _session.RunAsync("checkpoint", "import", "file", "--yes"));
        Assert.StartsWith("The file has a checkpoint of acme/x, and this connector reads intercom and sequence.", _session.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_session.JournalPath));
    }

    [Fact]
    public async Task Dead_letters_are_filtered_and_counted_by_group()
    {
        DeadLetter[] letters =
        [
            Some.DeadLetter(1),
            Some.DeadLetter(2) with { Stage = DeadLetterStage.Index, Reason = "no such field", At = Some.DeadLetter(1).At.AddDays(1) },
            Some.DeadLetter(3) with { Origin = "sequence /activity-logs", At = Some.DeadLetter(1).At.AddDays(1) },
        ];
        await (await FillAsync(letters)).DisposeAsync();

        await ListAsync("--source intercom", letters[1], letters[0]);
        await ListAsync("--source sequence", letters[2]);
        await ListAsync("--stage index", letters[1]);
        await ListAsync("--since 2026-11-22", letters[2], letters[1]);
        Assert.Equal(0, await _session.RunAsync("dlq", "list", "--limit", "1"));
        Assert.Single(_session.Lines);
        Assert.Equal(2, await _session.RunAsync("dlq", "list", "--stage", "map"));

        await GroupAsync("reason", "not an object 2", "no such field 1");
        await GroupAsync("stage", "page 2", "index 1");
        await GroupAsync("source", "intercom 2", "sequence 1");
        await GroupAsync("day", "2026-11-22 2", "2026-11-21 1");

        async Task ListAsync(string filter, params DeadLetter[] expected)
        {
            Assert.Equal(0, await _session.RunAsync(["dlq", "list", .. filter.Split(' ')]));
            Assert.Equal(expected.Select(l => l.Id).Order(), _session.Lines.Select(line => line.Split('\t')[0]).Order());
        }

        async Task GroupAsync(string by, params string[] expected)
        {
            Assert.Equal(0, await _session.RunAsync("dlq", "list", "--by", by));
            Assert.Equal(expected, _session.Lines.Select(line => string.Join(' ', line.Split('\t')[..2])));
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>A paused source with an open range.</summary>
    private async Task FillWithRangeAsync()
    {
        var (from, to) = (Some.Start.AddDays(-9).ToUnixTimeSeconds(), Some.Start.AddDays(-8).ToUnixTimeSeconds() - 1);
        var range = new RequestedRange
        {
            Id = "1a2b3c4d",
            Kind = RangeKind.Backfill,
            State = RangeState.Open,
            Run = new SweepRun { From = from, To = to },
            AskedAt = Some.Start,
        };
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(new([], [], range.In(Some.Checkpoint(1) with { Paused = new Pause("Ada", Some.Start) })), default);
    }

    private async Task CommitAsync(Dictionary<string, object> fields)
    {
        fields["@timestamp"] = "2026-11-21";
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, [Some.Event(1, json: JsonSerializer.SerializeToUtf8Bytes(fields))]), default);
    }

    private async Task<SqliteJournal> FillAsync(params DeadLetter[] deadLetters)
    {
        var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3), null, deadLetters), default);
        return journal;
    }

    private async Task<SqliteJournal> OpenAsync(string? path = null) =>
        await SqliteJournal.OpenAsync(new JournalOptions { Path = path ?? _session.JournalPath }, _session.Time, NullLogger<SqliteJournal>.Instance, default);

    /// <summary>Under which content another journal knows the events of <see cref="FillAsync"/>.</summary>
    private async Task<ulong?[]> KnownAsync(string journalFile)
    {
        await using var journal = await OpenAsync(Path.Combine(_session.Folder, journalFile));
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        return await writer.ContentsAsync([.. Some.Events(0, 3).Select(EventKey.Of)]);
    }
}
