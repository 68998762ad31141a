using ActivityConnector.Pipeline;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Intercom;

/// <summary>What the vendor fails on: by its width, by a second that cannot be read, or altogether.</summary>
public class IntercomSuspectTests : IntercomFixture
{
    private static long Bad { get; } = Second(Start.AddHours(-1));

    [Fact]
    [Trait("EdgeCase", "8")]
    public void A_width_the_vendor_fails_on_is_halved_and_seldom_tried_again_for_a_day()
    {
        Store.FailsOn = (from, to) => to - from > 86400;
        for (var i = 0; i < 40; i++) Store.Add($"{i:00}", Start.AddDays(-20).AddHours(i * 12));

        var batches = ReadStore(Checkpoints.At(Start.AddDays(-21)));
        var failures = Store.Sent.Count(IsFailure);
        Clock.Advance(TimeSpan.FromHours(20));
        var later = ReadStore(Checkpoints.Of(batches[^1].Window with { Watermark = Second(Start.AddDays(-21)) }));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(batches));
        Assert.Empty(batches[^1].Window.Suspects);
        Assert.InRange(Store.Sent.Count(IsFailure) - failures, 0, failures);
        Assert.Equal(Store.Records.Select(r => r.Id), Ids(later));
        Assert.InRange(failures, 4, 24);

        Clock.Advance(TimeSpan.FromHours(25));
        Assert.Null(ReadStore(Checkpoints.Of(later[^1].Window))[^1].Window.FailedSpanSeconds);
    }

    [Fact]
    public void A_width_that_failed_bounds_nothing_after_many_windows_that_were_read_well()
    {
        Options.MaxWindow = TimeSpan.FromHours(1);
        for (var i = 0; i < 1_200; i++) Store.Add($"{i:0000}", Start.AddDays(-25).AddMinutes(i * 30));
        var from = Checkpoints.At(Start.AddDays(-25), span: 3600).Window! with { FailedSpanSeconds = 2 * 86_400, FailedAt = Second(Start) };

        var batches = ReadStore(Checkpoints.Of(from));

        Assert.Equal(Store.Records.Count, Ids(batches).Distinct().Count());
        Assert.InRange(Store.Requests, 600, 700);
        Assert.Null(batches[^1].Window.FailedSpanSeconds);
    }

    [Fact]
    [Trait("EdgeCase", "8")]
    public void A_vendor_that_fails_on_every_width_is_unavailable_and_the_checkpoint_stays()
    {
        Store.FailsOn = (_, _) => true;

        var (batches, error) = ReadStoreUntil<SourceUnavailableException>(TwoHoursAgo);

        Assert.Empty(batches);
        Assert.Contains("500", error.Message, StringComparison.Ordinal);
        Assert.InRange(Store.Requests, 4, 8);
    }

    [Theory]
    [Trait("EdgeCase", "8")]
    [InlineData(0)]
    [InlineData(1800)]
    [InlineData(7200 + 839)]
    public void A_second_that_cannot_be_read_is_suspect_and_the_rest_is_read(int secondsAgo)
    {
        var bad = Second(Start) - 61 - secondsAgo;
        Store.FailsOn = (from, to) => from <= bad && bad <= to;
        for (var i = 0; i < 110; i++) Store.Add($"{i:000}", Start.AddSeconds(-60 - (60 * i)));
        var from = secondsAgo == 0 ? Checkpoints.At(Start.AddMinutes(-5)) : TwoHoursAgo;
        if (secondsAgo == 0) Clock.Advance(TimeSpan.FromMinutes(2));

        var (batches, error) = ReadStoreUntil<SourceIncompleteException>(from);

        var suspect = batches[^1].Window.Suspects.Single();
        Assert.Equal((bad, bad, 1, false), (suspect.From, suspect.To, suspect.Tries, suspect.Accepted));
        Assert.Equal(Second(Clock.GetUtcNow()) - 60, batches[^1].Window.Watermark, 30.0);
        Assert.Contains(suspect.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint accept intercom", error.Fix, StringComparison.Ordinal);
        Assert.Null(batches[^1].Window.FailedSpanSeconds);
        var first = from.Window!.Watermark - 900;
        Assert.Equal(Store.Records.Where(r => r.Second >= first && r.Second != bad).Select(r => r.Id).Order(), Ids(batches).Distinct().Order());
        Assert.InRange(Store.Requests, 10, 60);
    }

    [Fact]
    public void A_failure_after_which_nothing_can_be_read_makes_nothing_suspect()
    {
        Store.FailsOn = (_, to) => to >= Second(Start.AddHours(-1));
        Store.Add("a", Start.AddHours(-3));

        var (batches, _) = ReadStoreUntil<SourceUnavailableException>(Checkpoints.At(Start.AddHours(-4), span: 3600));

        Assert.All(batches, u => Assert.Empty(u.Window.Suspects));
        Assert.Equal(["a"], Ids(batches));
    }

    [Fact]
    public void A_day_that_cannot_be_read_costs_tens_of_requests_and_is_one_range()
    {
        var (first, last) = (Second(Start.AddDays(-3)), Second(Start.AddDays(-2)));
        Store.FailsOn = (from, to) => from <= last && to >= first;
        for (var i = 0; i < 200; i++) Store.Add($"{i:000}", Start.AddDays(-8).AddHours(i * 0.96));

        var (batches, _) = ReadStoreUntil<SourceIncompleteException>(Checkpoints.At(Start.AddDays(-9)));

        var suspect = batches[^1].Window.Suspects.Single();
        Assert.Equal(first, suspect.From);
        Assert.InRange(suspect.To, last, last + 3600);
        Assert.Empty(Store.Records.Where(r => r.Second < suspect.From || r.Second > suspect.To).Select(r => r.Id).Except(Ids(batches)));
        Assert.InRange(Store.Requests, 20, 149);
    }

    [Fact]
    public void A_suspect_range_is_read_again_with_longer_and_longer_pauses_until_it_is_complete()
    {
        Store.Add("bad", DateTimeOffset.FromUnixTimeSeconds(Bad));
        Store.FailsOn = (from, to) => from <= Bad && Bad <= to;
        var position = ReadStoreUntil<SourceIncompleteException>(TwoHoursAgo).Batches[^1].Window;
        var tried = new List<long>();
        while (Clock.GetUtcNow() < Start.AddDays(3))
        {
            var asked = Store.Requests;
            var (batches, _) = ReadStoreUntil<SourceIncompleteException>(Checkpoints.Of(position));
            if (Store.Sent.Skip(asked).Any(r => IsAt(r, Bad))) tried.Add(Second(Clock.GetUtcNow()) - Second(Start));
            position = batches[^1].Window;
            Clock.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.InRange(tried.Count, 10, 14);
        Assert.Equal(tried.Count + 1, position.Suspects.Single().Tries);
        Assert.True(tried[1] - tried[0] < 200 && tried[^1] - tried[^2] is > 80_000 and < 90_000, string.Join(" ", tried));

        Store.FailsOn = (_, _) => false;
        Clock.Advance(TimeSpan.FromDays(1));
        var healed = ReadStore(Checkpoints.Of(position));

        Assert.Equal(["bad"], Ids(healed));
        Assert.True(healed[0].NeedsCommit);
        Assert.Empty(healed[^1].Window.Suspects);
    }

    [Fact]
    public void A_range_that_turns_out_to_be_empty_is_removed_by_a_commit()
    {
        var from = Checkpoints.Of(TwoHoursAgo.Window! with { Suspects = [Suspect(Bad, Bad)] });

        var batches = ReadStore(from);

        Assert.True(batches[^1].NeedsCommit);
        Assert.Empty(batches[^1].Window.Suspects);
    }

    [Fact]
    public void An_accepted_range_is_left_alone_and_the_rest_is_up_to_date()
    {
        var accepted = Suspect(Bad, Bad + 10) with { Accepted = true };
        Store.FailsOn = (from, to) => from <= Bad + 10 && Bad <= to;
        var from = Checkpoints.Of(Checkpoints.At(Start.AddMinutes(-50)).Window! with { Suspects = [accepted] });

        var batches = ReadStore(from);

        Assert.Equal([accepted], batches[^1].Window.Suspects);
        Assert.Equal(Second(Start) - 60, batches[^1].Window.Watermark);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_range_that_is_asked_for_reads_an_accepted_one_too_which_is_then_complete_or_open_again(bool fails)
    {
        var accepted = Suspect(Bad, Bad + 10) with { Accepted = true };
        Store.FailsOn = (from, to) => fails && from <= Bad + 10 && Bad <= to;
        Store.Add("missing", DateTimeOffset.FromUnixTimeSeconds(Bad + 5));
        var from = Checkpoints.Of(Checkpoints.At(Start.AddMinutes(-20)).Window! with { Suspects = [accepted] });
        var run = new SweepRun { From = Second(Start.AddDays(-1)), To = Second(Start.AddMinutes(-20)) };

        var swept = ReadBatch.All(Clock, NewSourceOfStore().SweepAsync(from, run, default));
        var read = ReadBatch.All(Clock, NewSourceOfStore().ReadRangeAsync(from, run, () => false, default));

        Assert.Empty(Ids(swept));
        Assert.Equal([accepted], swept[^1].Window.Suspects);
        Assert.Equal(fails ? [] : ["missing"], Ids(read));
        Assert.Equal(fails ? [(Bad, true), (Bad, false)] : [], read[^1].Window.Suspects.Select(s => (s.From, s.Accepted)));
    }

    [Fact]
    public void A_range_that_is_not_due_is_not_read_by_the_lookback_nor_by_a_sweep()
    {
        var suspect = Suspect(Bad, Bad + 10) with { NextAt = Second(Start) + 1000 };
        Store.FailsOn = (from, to) => from <= Bad + 10 && Bad <= to;
        var from = Checkpoints.Of(Checkpoints.At(Start.AddMinutes(-50)).Window! with { Suspects = [suspect] });

        var (batches, _) = ReadStoreUntil<SourceIncompleteException>(from);
        var sweep = new SweepRun { From = Second(Start.AddDays(-1)), To = Second(Start.AddMinutes(-20)) };
        var swept = ReadBatch.All(Clock, NewSourceOfStore().SweepAsync(from, sweep, default));

        Assert.Equal([suspect], batches[^1].Window.Suspects);
        Assert.Equal([suspect], swept[^1].Window.Suspects);
        Assert.Equal(Second(Start.AddMinutes(-20)), swept[^1].Sweep!.At);
    }

    [Fact]
    public void A_sweep_notes_what_it_cannot_read_and_goes_on()
    {
        var bad = Second(Start.AddHours(-10));
        Store.FailsOn = (from, to) => from <= bad && bad <= to;
        Store.Add("late", Start.AddHours(-5));

        var sweep = new SweepRun { From = Second(Start.AddDays(-1)), To = Second(Start.AddHours(-3)) };
        var batches = ReadBatch.All(Clock, NewSourceOfStore().SweepAsync(TwoHoursAgo, sweep, default));

        Assert.Equal(["late"], Ids(batches));
        Assert.Equal(bad, batches[^1].Window.Suspects.Single().From);
        Assert.Equal(TwoHoursAgo.Window!.Watermark, batches[^1].Window.Watermark);
        Assert.Equal(Second(Start.AddHours(-3)), batches[^1].Sweep!.At);
    }

    [Fact]
    public void Ranges_that_can_be_read_again_make_room_although_the_next_one_cannot()
    {
        long[] bad = [.. Enumerable.Range(0, 70).Select(i => Second(Start.AddDays(-100).AddHours(i * 30)))];
        Store.FailsOn = (from, to) => bad.Any(b => from <= b && b <= to);
        var stopped = ReadStoreUntil<SourceIncompleteException>(Checkpoints.At(Start.AddDays(-101))).Batches[^1];
        bad = bad[64..];
        Clock.Advance(TimeSpan.FromDays(2));

        ReadStoreUntil<SourceIncompleteException>(Checkpoints.Of(stopped.Position));
        var (batches, _) = ReadStoreUntil<SourceIncompleteException>(Checkpoints.Of(stopped.Position));
        (batches, _) = ReadStoreUntil<SourceIncompleteException>(Checkpoints.Of(batches[^1].Position));

        Assert.Equal(6, batches[^1].Window.Suspects.Count);
        Assert.True(batches[^1].Window.Watermark > bad[^1]);
    }

    [Fact]
    public void With_sixty_four_ranges_the_position_stops_before_the_next()
    {
        long[] bad = [.. Enumerable.Range(0, 70).Select(i => Second(Start.AddDays(-100).AddHours(i * 30)))];
        Store.FailsOn = (from, to) => bad.Any(b => from <= b && b <= to);

        var (batches, error) = ReadStoreUntil<SourceIncompleteException>(Checkpoints.At(Start.AddDays(-101)));

        Assert.Equal(64, batches[^1].Window.Suspects.Count);
        Assert.True(batches[^1].Window.Watermark < bad[64]);
        Assert.Contains("reading stops", error.Message, StringComparison.Ordinal);

        // Accepting one makes room for one.
        var accepted = batches[^1].Window with { Suspects = [batches[^1].Window.Suspects[0] with { Accepted = true }, .. batches[^1].Window.Suspects.Skip(1)] };
        Assert.True(ReadStoreUntil<SourceIncompleteException>(Checkpoints.Of(accepted)).Batches[^1].Window.Watermark > bad[64]);
    }

    [Fact]
    public void Ranges_less_than_an_hour_apart_become_one_that_is_read_again_as_a_whole()
    {
        long[] bad = [Bad, Bad + 1800, Bad - 4000];
        Store.FailsOn = (from, to) => bad.Any(b => from <= b && b <= to);

        var (batches, _) = ReadStoreUntil<SourceIncompleteException>(TwoHoursAgo);

        Assert.Equal([(Bad - 4000, Bad - 4000), (Bad, Bad + 1800)], batches[^1].Window.Suspects.Select(s => (s.From, s.To)));

        // One of the three heals: only what was shown complete is let go.
        bad = [Bad, Bad - 4000];
        Clock.Advance(TimeSpan.FromMinutes(1));
        var healed = ReadStoreUntil<SourceIncompleteException>(Checkpoints.Of(batches[^1].Position)).Batches;
        Assert.Equal([(Bad - 4000, Bad - 4000), (Bad, Bad)], healed[^1].Window.Suspects.Select(s => (s.From, s.To)));
    }

    [Fact]
    public void A_broken_page_that_does_not_say_whether_another_follows_gives_its_records_and_stays_suspect()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(Bad);
        Store.Add("good", Start.AddMinutes(-30));
        Store.Body = r => IsAt(r, Bad) ? $$"""{"activity_logs":[{{Log("a", at)}},{"id":"x" "},{{Log("b", at)}}],"pages":{"next":} }""" : null;

        var (batches, _) = ReadStoreUntil<SourceIncompleteException>(TwoHoursAgo);

        Assert.Equal(["a", "b", "good"], Ids(batches).Order());
        Assert.Equal((Bad, Bad), (batches[^1].Window.Suspects.Single().From, batches[^1].Window.Suspects.Single().To));
        Assert.Single(batches.SelectMany(u => u.DeadLetters));
    }

    [Fact]
    public void Pages_that_are_too_large_are_asked_for_with_fewer_records_and_one_that_stays_too_large_is_a_dead_letter()
    {
        var padding = new string('x', 2_900_000);
        for (var i = 0; i < 12; i++)
        {
            var at = Start.AddMinutes(-50).AddSeconds(i * 100);
            Store.Records.Add(new StoredLog($"{i:00}", at, at)
            {
                CreatedAt = $"{Second(at)},\"x\":\"{(i == 6 ? string.Concat(Enumerable.Repeat(padding, 6)) : padding)}\"",
            });
        }

        for (var i = 0; i < 1_000; i++) Store.Add($"small {i:0000}", Start.AddMinutes(-29).AddSeconds(i));

        var batches = ReadStore(TwoHoursAgo);

        Assert.Equal(Store.Records.Select(r => r.Id).Where(id => id != "06").Order(), Ids(batches).Order());
        Assert.Equal(64 * 1024, batches.SelectMany(u => u.DeadLetters).Single().Body.Length);
        Assert.InRange(Store.Requests, 10, 120);
        Assert.Empty(batches[^1].Window.Suspects);
    }

    private static SuspectRange Suspect(long from, long to) => new() { From = from, To = to, Cause = "It failed.", Tries = 1, NextAt = 0 };

    private static bool IsAt(SentRequest request, long second) =>
        long.Parse(request["created_at_after"], null) < second && second < long.Parse(request["created_at_before"], null);

    private static bool IsFailure(SentRequest request) =>
        long.Parse(request["created_at_before"], null) - long.Parse(request["created_at_after"], null) - 2 > 86400;
}
