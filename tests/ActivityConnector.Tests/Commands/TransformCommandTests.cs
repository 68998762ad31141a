using System.Text.Json;
using ActivityConnector.Tests.Golden;

namespace ActivityConnector.Tests.Commands;

public sealed class TransformCommandTests : IDisposable
{
    private readonly Session _session = new();

    public static TheoryData<string, string> Shapes => new()
    {
        { "a record a line", Record(1) + "\n" + Record(2) + "\r\n\n" + Record(3) },
        { "an array", $"[{Record(1)},{Record(2)},\n{Record(3)}]\n" },
        { "an array a line", $"[{Record(1)}]\n[{Record(2)},{Record(3)}]\n" },
        { "an answer of the vendor", $$"""{"type":"activity_log.list","pages":{"next":null},"activity_logs":[{{Record(1)}},{{Record(2)}},{{Record(3)}}]}""" },
        { "an answer a line", $$"""{"activity_logs":[{{Record(1)}}]}""" + "\n" + $$"""{"activity_logs":[{{Record(2)}},{{Record(3)}}]}""" },
        {
            "one after another over many lines",
            string.Concat(Enumerable.Range(1, 3).Select(n => Record(n).Replace(",", ",\n  ", StringComparison.Ordinal) + "\n"))
        },
        { "with a byte order mark", "\uFEFF" + Record(1) + "\n" + Record(2) + "\n" + Record(3) + "\n" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Records_are_taken_in_any_shape(string name, string input)
    {
        _session.Input = input;

        Assert.Equal(0, await _session.RunAsync("transform", "--source", "intercom"));
        Assert.Equal(["1", "2", "3"], Ids());
        Assert.True(_session.Error.Length == 0, name);
    }

    [Fact]
    public async Task A_broken_line_is_named_and_the_others_are_mapped()
    {
        _session.Input = $"{Record(1)}\n{{\"id\":\"2\",\n{Record(3)}\n{{\"id\":[1,\n{Record(5)}\n";

        Assert.Equal(1, await _session.RunAsync("transform", "--source", "intercom"));
        Assert.Equal(["1", "3", "5"], Ids());
        Assert.Equal(["line 2", "line 4"], _session.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':')[0]));
    }

    [Fact]
    public async Task A_record_cut_off_at_the_end_is_named()
    {
        _session.Input = Record(1) + "\n" + Record(2)[..^9];

        Assert.Equal(1, await _session.RunAsync("transform", "--source", "intercom"));
        Assert.Equal(["1"], Ids());
        Assert.StartsWith("line 2: ", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_larger_than_the_buffer_is_mapped()
    {
        var large = $"\"metadata\":{{\"note\":\"{new string('x', 400_000)}\"}}";
        _session.Input = Record(1).Replace("\"metadata\":{}", large, StringComparison.Ordinal) + "\n" + Record(2);

        Assert.Equal(0, await _session.RunAsync("transform", "--source", "intercom"));
        Assert.Equal(["1", "2"], Ids());
    }

    [Fact]
    public async Task A_sequence_answer_becomes_an_event_for_each_item()
    {
        const string parties = """
            "activityLogActor":{"id":"u","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}
            """;
        _session.Input = $$$"""
            {"items":[{"id":"log","sequenceAccountId":"acc","activityType":"NOTIFICATION","origin":"API","createdAt":"2026-11-21T12:00:00Z","activityLogItems":[
              {"id":"a","activityLogId":"log","verb":"CREATED","name":"n","summary":"s",{{{parties}}}},
              {"id":"b","activityLogId":"log","verb":"UPDATED","name":"n","summary":"s",{{{parties}}}}]}],
             "pagination":{}}
            """;

        Assert.Equal(0, await _session.RunAsync("transform", "--source", "sequence"));
        Assert.Equal(["a", "b"], Ids());
        Assert.Equal(["invoice_created", "invoice_updated"], _session.Lines.Select(line => Field(line, "event.action")));
    }

    [Fact]
    public async Task Nested_events_on_demand_and_by_configuration()
    {
        _session.Input = Record(1);

        await _session.RunAsync("transform", "--source", "intercom", "--format", "nested");
        var byOption = _session.Out;
        await _session.RunAsync("transform", "--source", "intercom", "--set", "Transform:Format=nested");

        Assert.Equal(byOption, _session.Out);
        Assert.Equal("1", JsonDocument.Parse(byOption).RootElement.GetProperty("event").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Configuration_decides_organisation_labels_and_severity()
    {
        _session.Input = Record(1);

        await _session.RunAsync(
            "transform", "--source", "intercom", "--account", "abc123",
            "--set", "Transform:Labels:env=live", "--set", "Transform:Severity:admin_deletion=99");

        Assert.Equal("abc123", Field(_session.Lines[0], "organization.id"));
        Assert.Equal("live", Field(_session.Lines[0], "labels.env"));
        Assert.Equal(99, JsonDocument.Parse(_session.Lines[0]).RootElement.GetProperty("event.severity").GetInt32());
    }

    [Fact]
    public async Task Golden_pairs_of_the_user_are_compared_field_by_field()
    {
        _session.Input = Record(1);
        await _session.RunAsync("transform", "--source", "intercom", "--account", "abc123");
        _session.Write("pairs/good.in.json", Record(1));
        _session.Write("pairs/good.out.json", _session.Out);
        _session.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await _session.RunAsync("mapping", "test", "pairs"));
        Assert.Equal("1 pairs, 0 of them different.", _session.Error.TrimEnd());

        _session.Write("pairs/bad.in.json", Record(1));
        var good = File.ReadAllText(Path.Combine(_session.Folder, "pairs/good.out.json"));
        _session.Write(
            "pairs/bad.out.json", good.Replace("\"event.outcome\":\"success\"", "\"event.outcome\":\"failure\"", StringComparison.Ordinal));
        Assert.Equal(1, await _session.RunAsync("mapping", "test", "pairs"));
        Assert.Equal("bad\t1\tevent.outcome\t\"failure\"\t\"success\"", Assert.Single(_session.Lines));
    }

    /// <summary>Half of a surrogate pair is valid JSON and no text.</summary>
    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public async Task A_record_with_a_name_that_cannot_be_decoded_is_mapped_and_so_are_those_after_it(string source)
    {
        string[] names = ["\\ud800", "\\udc00\\ud800", "activity\\ud800_logs", "items\\ud800"];
        _session.Input = string.Join('\n', names.Select((name, n) => $$"""{"{{name}}":[1],"id":"{{n}}"}""")) + "\n{\"id\":\"last\"}\n";

        Assert.Equal(0, await _session.RunAsync("transform", "--source", source, "--account", "abc123"));
        Assert.Equal(["0", "1", "2", "3", "last"], Ids());
        Assert.Equal("", _session.Error);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("[7]")]
    [InlineData("{\"event.dataset\":\"intercom.audit\",\"\\ud800\":1}")]
    [InlineData("{\"event.dataset\":\"intercom.audit\",\"a\":1,\"a\":2}")]
    public async Task An_expected_event_that_is_none_is_an_error_that_names_the_file(string expected)
    {
        _session.Write("pairs/odd.in.json", """{"\ud800":1,"id":"1"}""");
        _session.Write("pairs/odd.out.json", expected);

        Assert.Equal(1, await _session.RunAsync("mapping", "test", "pairs"));
        Assert.Contains("odd.out.json: each event must be a JSON object with every field once", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_type_is_shown_with_its_reason_and_a_mistyped_one_with_what_is_near()
    {
        Assert.Equal(0, await _session.RunAsync("mapping", "show", "admin_deletion"));
        Assert.Contains("event.type\tuser|deletion", _session.Lines);

        Assert.Equal(0, await _session.RunAsync("mapping", "show", "admin_deletion", "--set", "Transform:Severity:admin_deletion=99"));
        Assert.Contains("event.severity\t99", _session.Lines);

        Assert.Equal(0, await _session.RunAsync("mapping", "show", "admin_deletio"));
        Assert.EndsWith("Did you mean admin_deletion?", _session.Error.TrimEnd(), StringComparison.Ordinal);

        Assert.Equal(0, await _session.RunAsync("mapping", "show", "CREATED", "INVOICE"));
        Assert.Contains("event.action\tinvoice_created", _session.Lines);
    }

    [Theory]
    [InlineData("[{0},\n{1}", 2)]
    [InlineData("[{0},\n{1},", 2)]
    [InlineData("[", 0)]
    public async Task An_array_that_is_not_closed_is_named_and_what_it_has_is_mapped(string form, int count)
    {
        _session.Input = "\n" + form.Replace("{0}", Record(1), StringComparison.Ordinal).Replace("{1}", Record(2), StringComparison.Ordinal);

        Assert.Equal(1, await _session.RunAsync("transform", "--source", "intercom"));
        Assert.Equal(count, _session.Lines.Length);
        Assert.Equal("line 2: The array that begins here is not closed: the input is cut off.", _session.Error.TrimEnd());
    }

    /// <summary>Every golden record of both vendors, given as the other's, alone and as a page.</summary>
    [Fact]
    public async Task Records_of_the_other_vendor_are_left_out_and_told_once()
    {
        foreach (var (right, wrong, list) in ((string, string, string)[])[("intercom", "sequence", "activity_logs"), ("sequence", "intercom", "items")])
        {
            string[] records =
            [
                .. GoldenPair.Names.Where(n => n.StartsWith(right + "/", StringComparison.Ordinal) && !n.Contains("edges", StringComparison.Ordinal))
                    .Select(n => GoldenPair.Read(n).Record),
            ];
            foreach (var input in (string[])[string.Join('\n', records), $"{{\"{list}\":[{string.Join(',', records)}]}}"])
            {
                _session.Input = input;

                Assert.Equal(1, await _session.RunAsync("transform", "--source", wrong));
                Assert.Empty(_session.Out);
                Assert.StartsWith(
                    $"line 1: This is a record of {right}, and --source says {wrong}. It is left out; give --source {right}.",
                    _session.Error,
                    StringComparison.Ordinal);
                Assert.Equal(0, await _session.RunAsync("transform", "--source", right));
                Assert.Equal("", _session.Error);
            }
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3_000_000)]
    public async Task Asked_to_stop_with_a_record_in_hand_it_ends_without_mapping_it_to_its_end(int length)
    {
        using var stop = new CancellationTokenSource();
        using var session = new Session
        {
            Stop = stop.Token,
            AtEndOfInput = stop.Cancel,
            Input = Record(1).Replace("\"metadata\":{}", $"\"metadata\":{{\"note\":\"{new string('x', length)}\"}}", StringComparison.Ordinal),
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RunAsync("transform", "--source", "intercom"));
    }

    [Fact]
    public async Task A_pair_that_cannot_be_compared_does_not_keep_the_others_from_it()
    {
        _session.Input = Record(1);
        await _session.RunAsync("transform", "--source", "intercom", "--account", "abc123");
        _session.Write("pairs/b.in.json", Record(1));
        _session.Write("pairs/b.out.json", _session.Out.Replace("\"success\"", "\"failure\"", StringComparison.Ordinal));
        _session.Write("pairs/a.in.json", Record(1));
        _session.Write("pairs/c.in.json", "{");
        _session.Write("pairs/c.out.json", _session.Out);

        Assert.Equal(1, await _session.RunAsync("mapping", "test", "pairs"));
        Assert.Equal("b\t1\tevent.outcome\t\"failure\"\t\"success\"", Assert.Single(_session.Lines));
        Assert.Contains("a.in.json has no a.out.json beside it.", _session.Error, StringComparison.Ordinal);
        Assert.EndsWith("3 pairs, 1 of them different, 2 of them cannot be compared.", _session.Error.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expected_events_may_be_nested()
    {
        _session.Input = Record(1);
        await _session.RunAsync("transform", "--source", "intercom", "--account", "abc123", "--format", "nested");
        _session.Write("pairs/a.in.json", Record(1));
        _session.Write("pairs/a.out.json", _session.Out);

        Assert.Equal(0, await _session.RunAsync("mapping", "test", "pairs"));
        Assert.Equal(0, await _session.RunAsync("mapping", "test", "pairs", "--set", "Transform:Format=nested"));
    }

    [Fact]
    public async Task A_folder_of_pairs_that_is_not_there_is_named()
    {
        Assert.Equal(1, await _session.RunAsync("mapping", "test", "nowhere"));
        Assert.Equal($"There is no folder {_session.Folder}/nowhere.", _session.Error.TrimEnd());
    }

    [Fact]
    public async Task A_verb_without_its_entity_is_answered_with_the_entities_that_it_has()
    {
        Assert.Equal(0, await _session.RunAsync("mapping", "show", "created"));
        Assert.Contains(_session.Lines, line => line.StartsWith("sequence\tCREATED INVOICE\tinvoice_created\t", StringComparison.Ordinal));
        Assert.StartsWith("What created becomes depends on the entity type.", _session.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _session.Dispose();

    private static string Record(int id) => JsonSerializer.Serialize(new
    {
        id = $"{id}",
        performed_by = new { type = "admin", id = "7", email = "ann@example.com" },
        metadata = new { },
        created_at = 1795280185 + id,
        activity_type = "admin_deletion",
        activity_description = "Ann deleted a teammate.",
    });

    private static string Field(string line, string name) => JsonDocument.Parse(line).RootElement.GetProperty(name).GetString()!;

    private IEnumerable<string> Ids() => _session.Lines.Select(line => Field(line, "event.id"));
}
