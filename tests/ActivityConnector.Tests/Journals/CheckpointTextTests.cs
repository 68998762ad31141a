using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals;

public sealed class CheckpointTextTests
{
    private const string V0 = """
        {"v":0,"source":"intercom","account":"abc","seq":7,"watermark":1795291200,"lookback_s":900,"settle_s":60,
         "backfill_from":1760000000,"committed_at":"2026-11-21T20:00:03.12Z","published":41}
        """;

    private const string V0AsV2 =
        """{"v":2,"kind":"window","source":{"type":"intercom","account":"abc"},"seq":7"""
        + ""","committed_at":"2026-11-21T20:00:03.12Z","writer":{"version":"0","instance":""}"""
        + ""","window":{"watermark":1795291200,"span_s":86400,"lookback_s":900,"settle_s":60,"backfill_from":1760000000,"suspects":[]},"cursor":null"""
        + ""","sweep":{"completed_to":null,"began_at":"2026-11-21T20:00:03.12Z","late_total":0}"""
        + ""","totals":{"published":41,"duplicates":0,"grown":0,"late":0,"mutated":0,"dead_letter":0,"invalid":0},"last":null,"sum":"sha256:SUM"}""";

    private static readonly Checkpoint Window = Some.Checkpoint(1842) with
    {
        Sweep = new SweepProgress { CompletedTo = 1_795_204_800, LateTotal = 3 },
        Totals = new CollectedCounts { Published = 123_987, Known = 12, Grown = 3, Late = 1, Revised = 2, DeadLetters = 1, Empty = 4 },
        Last = new LastEvent("évt \"1\" \\ </script> 😀", Some.Start.AddTicks(1), "4bf92f3577b34da6a3ce929d0e0e4736"),
    };

    private static readonly Checkpoint Cursor = Some.CursorCheckpoint(3) with { Cursor = Some.CursorCheckpoint(3).Cursor! with { SkipBefore = 7 } };

    public static TheoryData<int> Both => [0, 1];

    [Theory]
    [MemberData(nameof(Both))]
    public void A_checkpoint_comes_back_as_it_was(int which)
    {
        var checkpoint = which == 0 ? Window : Cursor;
        Assert.Equal(checkpoint, CheckpointText.Parse(CheckpointText.Serialize(checkpoint)));
    }

    [Fact]
    public void The_text_names_version_and_kind_first_and_writes_times_in_utc()
    {
        var text = Encoding.UTF8.GetString(CheckpointText.Serialize(Window with { CommittedAt = new(2026, 11, 21, 22, 0, 3, TimeSpan.FromHours(2)) }));

        Assert.StartsWith("""{"v":2,"kind":"window","source":{"type":"intercom","account":"abc123"},""", text, StringComparison.Ordinal);
        Assert.Contains("\"committed_at\":\"2026-11-21T20:00:03Z\"", text, StringComparison.Ordinal);
        Assert.Contains("\"cursor\":null", text, StringComparison.Ordinal);
        Assert.StartsWith("""{"v":2,"kind":"cursor",""", Encoding.UTF8.GetString(CheckpointText.Serialize(Cursor)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_sum_is_over_the_sorted_text_without_it()
    {
        const string canonical =
            """{"committed_at":"2026-11-21T20:01:00Z","cursor":null,"kind":"window","last":null,"seq":1"""
            + ""","source":{"account":"abc123","type":"intercom"},"sweep":{"began_at":null,"completed_to":null,"late_total":0}"""
            + ""","totals":{"dead_letter":0,"duplicates":0,"grown":0,"invalid":0,"late":0,"mutated":0,"published":10},"v":2"""
            + ""","window":{"backfill_from":1760000000,"lookback_s":900,"settle_s":60,"span_s":86400,"suspects":[],"watermark":1795291260}"""
            + ""","writer":{"instance":"test","version":"0.1.0"}}""";

        var sum = (string?)JsonNode.Parse(CheckpointText.Serialize(Some.Checkpoint(1)))!["sum"];

        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))), sum);
    }

    [Fact]
    public void Optional_parts_that_are_missing_have_their_defaults()
    {
        const string canonical =
            """{"committed_at":"2026-11-21T20:01:00Z","kind":"window","seq":1,"source":{"account":"abc123","type":"intercom"},"v":2"""
            + ""","window":{"backfill_from":1760000000,"lookback_s":900,"settle_s":60,"span_s":86400,"watermark":1795291260}"""
            + ""","writer":{"instance":"test","version":"0.1.0"}}""";
        var sum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

        var checkpoint = CheckpointText.Parse(Encoding.UTF8.GetBytes(canonical[..^1] + $$""","sum":"sha256:{{sum}}"}"""));

        Assert.Equal(new SweepProgress(), checkpoint.Sweep);
        Assert.Equal(new CollectedCounts(), checkpoint.Totals);
        Assert.Null(checkpoint.Last);
    }

    [Fact]
    public void White_space_and_order_do_not_matter_and_escapes_neither()
    {
        var fields = JsonNode.Parse(CheckpointText.Serialize(Window))!.AsObject();
        var shuffled = new JsonObject(fields.Reverse().Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));

        Assert.Equal(Window, CheckpointText.Parse(Encoding.UTF8.GetBytes(shuffled.ToJsonString(new JsonSerializerOptions { WriteIndented = true }))));
    }

    [Fact]
    public void Unknown_fields_survive_and_are_under_the_sum()
    {
        var later = Window with { Unknown = new Dictionary<string, JsonElement> { ["prev"] = JsonElement.Parse("""{"seq":1.50,"b":[true,"x"]}""") } };
        var text = CheckpointText.Serialize(CheckpointText.Parse(CheckpointText.Serialize(later)));

        Assert.Equal("""{"seq":1.50,"b":[true,"x"]}""", JsonNode.Parse(text)!["prev"]!.ToJsonString());
        Assert.Throws<JournalCorruptException>(() => CheckpointText.Parse(Replace(text, "1.50", "1.51")));
    }

    [Fact]
    public void No_single_damaged_byte_goes_unnoticed()
    {
        var text = CheckpointText.Serialize(Window);
        for (var at = 0; at < text.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                text[at] ^= (byte)(1 << bit);
                Checkpoint? read = null;
                try
                {
                    read = CheckpointText.Parse(text);
                }
                catch (JournalCorruptException)
                {
                }

                // The few that do parse mean the same, as a tab for a space would.
                Assert.True(read is null || read == Window, $"byte {at}, bit {bit}");
                text[at] ^= (byte)(1 << bit);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"v":"1"}""")]
    [InlineData("""{"v":1}""")]
    [InlineData("""{"v":-1}""")]
    [InlineData("""{"v":0}""")]
    [InlineData("""{"v":1,"v":1}""")]
    [InlineData("""{"v":0,"source":{"type":"intercom"}}""")]
    public void What_is_no_checkpoint_is_corrupt(string text) =>
        Assert.Throws<JournalCorruptException>(() => CheckpointText.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_truncated_text_is_corrupt()
    {
        var text = CheckpointText.Serialize(Window);
        for (var length = 0; length < text.Length; length++)
        {
            Assert.Throws<JournalCorruptException>(() => CheckpointText.Parse(text.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_newer_version_is_refused_by_the_name_of_the_one_that_is_needed()
    {
        var refused = Assert.Throws<JournalCorruptException>(() => CheckpointText.Parse("""{"v":3,"whatever":[]}"""u8));

        Assert.Contains("version 3", refused.Message, StringComparison.Ordinal);
        Assert.Contains("version 3", refused.Fix, StringComparison.Ordinal);
        Assert.Equal(3, CheckpointText.VersionOf("""{"v":3,"whatever":[]}"""u8));
        Assert.Null(CheckpointText.VersionOf("garbage"u8));
    }

    [Fact]
    public void Version_0_is_cast_up_to_the_version_of_today()
    {
        var checkpoint = CheckpointText.Parse(Encoding.UTF8.GetBytes(V0));
        var text = JsonNode.Parse(CheckpointText.Serialize(checkpoint))!;
        text["sum"] = "sha256:SUM";

        Assert.Equal(V0AsV2.Trim(), text.ToJsonString());
        Assert.Equal(new SourceKey("intercom", "abc"), checkpoint.Source);
    }

    [Fact]
    public void A_cursor_of_version_1_keeps_its_older_cursors_and_knows_nothing_of_what_lies_beyond_it()
    {
        const string canonical =
            """{"committed_at":"2026-11-21T20:01:00Z","cursor":{"after":"c3","backfill_from":1760000000,"fallback":["c2","c1"]"""
            + ""","filters":"sha256:e3","head":"2026-11-21T19:59:00Z","limit":50,"null_since":null,"sort":"ASC"}"""
            + ""","kind":"cursor","last":null,"seq":9,"source":{"account":"default","api_version":null,"config_hash":null,"type":"sequence"}"""
            + ""","sweep":{"completed_to":1795204800,"late_total":2}"""
            + ""","totals":{"dead_letter":1,"duplicates":0,"invalid":0,"late":2,"mutated":0,"published":10},"v":1,"window":null"""
            + ""","writer":{"instance":"h","version":"0.1.0"}}""";
        var sum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

        var checkpoint = CheckpointText.Parse(Encoding.UTF8.GetBytes(canonical[..^1] + $$""","sum":"sha256:{{sum}}"}"""));

        var head = new DateTimeOffset(2026, 11, 21, 19, 59, 0, TimeSpan.Zero);
        var at = head.ToUnixTimeSeconds();
        Assert.Equal(
            new CursorPosition
            {
                After = "c3",
                At = at,
                Floor = 0,
                Days = [new("c2", at, 0), new("c1", at, 0)],
                Limit = 50,
                Head = head,
                BackfillFrom = 1_760_000_000,
            },
            checkpoint.Cursor);
        Assert.Equal(new SweepProgress { CompletedTo = 1_795_204_800, LateTotal = 2, BeganAt = checkpoint.CommittedAt }, checkpoint.Sweep);
        Assert.Equal(checkpoint with { Version = 2 }, CheckpointText.Parse(CheckpointText.Serialize(checkpoint with { Version = 2 })));
        Assert.Equal(2, checkpoint.Version);
    }

    private static byte[] Replace(byte[] text, string old, string with) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).Replace(old, with, StringComparison.Ordinal));
}
