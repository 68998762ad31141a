using System.Globalization;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.World;

/// <content>What happens in a world, drawn from its seed.</content>
internal sealed partial class World
{
    /// <summary>A suspect range is read again after a day at the latest, and a sweep is due once a day.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromHours(30);

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    private int _runs;
    private int _ranges;
    private int _deaths;
    private bool _isRival;
    private double _rivalChance;

    private VendorHabits DrawHabits(TimeSpan overlap) => new()
    {
        Overlap = overlap,
        HasItems = !IsIntercom,
        EndForm = _random.Next(5),
        HasInclusiveBounds = _random.Is(0.5),
        Late = _random.OneOf(0, 0.1, 0.3),
        OddTime = _random.OneOf(0, 0, 0.05, 0.2),
        Hidden = _random.OneOf(0, 0, 0.05),
        Broken = _random.OneOf(0, 0.05),
        Change = _random.OneOf(0, 0.05, 0.2),
        Tie = _random.OneOf(0, 0.2, 0.6),
        CursorsAreOfOneSize = _random.Is(0.1),
        Choking = _random.Next(1_000),
        // What a walk from the middle of the list brings from its beginning is not known to Kafka any more.
        LoopsFar = _log is null && _random.Is(0.5),
        Fits = _random.OneOf(1, 2, 6, 30),
        Ahead = _random.OneOf(TimeSpan.FromSeconds(40), TimeSpan.FromMinutes(8), TimeSpan.FromDays(3)),
        // By more than a day the vendor's own records would come from its future, where times are faults of single records.
        Behind = _random.OneOf(TimeSpan.FromSeconds(40), TimeSpan.FromMinutes(30), TimeSpan.FromHours(20)),
    };

    private int DrawPageSize() => IsIntercom ? _random.OneOf(3, 4, 5, 10, 20, 250) : _random.OneOf(1, 2, 3, 5, 10, 20, 100);

    private void Live()
    {
        var before = _random.OneOf(0, 3, 20, 80);
        Vendor.Left = before + _random.Next(10, 160);
        Vendor.Remember(Now - _random.OneOf(TimeSpan.FromHours(5), TimeSpan.FromDays(30), TimeSpan.FromDays(700)), Now, before);
        _rivalChance = _log is not null && _random.Is(0.2) ? 0.01 : 0;
        for (var phases = _random.Next(3, 10); phases > 0; phases--)
        {
            Disturb();
            LivePhase();
            ThrowIfFailed();
        }

        End();
    }

    /// <summary>What begins to be wrong or otherwise before a part of the history.</summary>
    private void Disturb()
    {
        for (var faults = _random.OneOf(0, 1, 1, 2); faults > 0; faults--)
        {
            var kind = _random.OneOf(Enum.GetValues<FaultKind>());
            if (kind == FaultKind.OtherOrganisation || (kind == FaultKind.NoDate && IsHostWrong())) continue;

            var time = _random.OneOf(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(20), TimeSpan.FromHours(3), TimeSpan.FromDays(1), TimeSpan.FromDays(4));
            Begin(kind, kind is FaultKind.NoQuota && time.TotalHours > 3 ? TimeSpan.FromHours(3) : time);
        }

        if (_random.Is(0.2))
        {
            Vendor.Form = new RecordForm(_random.Is(0.5), _random.Is(0.5), Vendor.Form.HasRegion || _random.Is(0.3));
            Tell($"the vendor writes its records otherwise: {Vendor.Form}");
        }

        if (_random.Is(0.3))
        {
            _options = _options with
            {
                PageSize = DrawPageSize(),
                SweepRange = _random.Is(0.3) ? TimeSpan.FromDays(_random.OneOf(1, 3, 7)) : _options.SweepRange,
                MaxWindow = _random.Is(0.3) ? TimeSpan.FromHours(_random.OneOf(1, 24, 720)) : _options.MaxWindow,
                StartAt = _random.Is(0.3) ? DrawStart() : _options.StartAt,
            };
            Kill();
        }

        if (_random.Is(0.07)) MoveByHand();

        if (_random.Is(0.2)) AskForRange();

        if (_random.Is(0.05))
        {
            Vendor.CursorsFrom = Now;
            Tell("every cursor is refused from now on");
        }

        if (_random.Is(0.1) && !Vendor.Faults.Exists(f => f.To > Now && f.Kind is FaultKind.NoDate or FaultKind.DateAhead))
        {
            var by = _random.OneOf(TimeSpan.FromDays(1), TimeSpan.FromDays(400), TimeSpan.FromMinutes(-5), TimeSpan.FromHours(-5));
            Clock.SetWallClock(Now + by);
            Tell($"the host's clock is set by {by}");
        }
    }

    private string? DrawStart() => _random.Is(0.6)
        ? null
        : _random.OneOf(Now.AddDays(-20), Now.AddHours(-7), Start.AddHours(3)).ToString("O", CultureInfo.InvariantCulture);

    /// <summary>An operator has everything read again from an earlier place: what is known is not published twice.</summary>
    private void MoveByHand()
    {
        if (Oracle.Checkpoint is not { } old) return;

        Kill();
        var journal = Open();
        var source = old.Source;
        if (_random.Is(0.4))
        {
            Finish(((IJournalOperator)journal).ChangeAsync(source, (_, _) => new(null, null), default));
            Oracle.WasReset();
            Tell("an operator resets the source");
        }
        else
        {
            DateTimeOffset? watermark = old.Window is { } window
                ? DateTimeOffset.FromUnixTimeSeconds(window.Watermark) - _random.Between(TimeSpan.Zero, TimeSpan.FromDays(40))
                : null;
            var cursor = old.Cursor is { } position
                ? _random.OneOf([GeneratedSequence.UnknownCursor, .. position.Days.Select(day => day.After).OfType<string>()])
                : null;
            var moved = MovedCheckpoint.Of(old, watermark, cursor, Clock.GetUtcNow());
            var checkpoint = moved.Checkpoint with { CommittedAt = Clock.GetUtcNow() };
            var sequence = Finish(((IJournalOperator)journal).SetCheckpointAsync(source, checkpoint, [], default));
            Oracle.WasMoved(_log?.Read(source).Recover(() => true) ?? checkpoint with { Sequence = sequence });
            Tell($"an operator moves the source to {moved.To}: {moved.Checkpoint.Position}");
        }

        journal.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>An operator asks for a range of time, or ends one.</summary>
    private void AskForRange()
    {
        var process = Process();
        var (from, length) = (Now - _random.Between(TimeSpan.Zero, TimeSpan.FromDays(_random.OneOf(1, 40, 800))), _random.OneOf(1, 20, 500));
        var request = new RangeRequest($"r{_ranges++}", _random.OneOf(RangeKind.Backfill, RangeKind.Sweep), from, from + TimeSpan.FromDays(length));
        if (_random.Is(0.5) && Oracle.Checkpoint is { } known)
        {
            request = request with { To = RangeBounds.Of(process.Runner.Source.Options, process.Runner.Collector.Present).EndOf(known) };
        }

        var open = Oracle.Checkpoint?.OpenRanges.FirstOrDefault();
        var isCancelled = open is not null && _random.Is(0.3);
        Tell(isCancelled ? $"an operator cancels {open!.Id}" : $"an operator asks for {request}");
        var asked = isCancelled
            ? process.Runner.CancelAsync(open!.Id, (_, _) => [], default)
            : process.Runner.AskAsync(request, (_, _) => [], default);
        if (!Drive(asked, process.Life))
        {
            ThrowIfFailed();
            return;
        }

        if (asked.Exception?.InnerException is { } failure and not (ChangeRefusedException or SourceException or JournalException or InvalidOperationException))
        {
            Oracle.Fail($"a defect: {failure}");
        }

        Tell($"-> {(asked.IsCompletedSuccessfully ? "done" : asked.Exception?.InnerException?.Message)}");
    }

    private void CancelRanges()
    {
        while (Oracle.Checkpoint?.OpenRanges.FirstOrDefault() is { } open)
        {
            var process = Process();
            Tell($"an operator cancels {open.Id}");
            Drive(process.Runner.CancelAsync(open.Id, (_, _) => [], default), process.Life);
        }
    }

    private bool IsHostWrong() => (Clock.GetUtcNow() - Now).Duration() > TimeSpan.FromSeconds(1);

    private void Begin(FaultKind kind, TimeSpan time)
    {
        Vendor.Faults.Add(new Fault(kind, Now, Now + time));
        Tell($"the vendor begins: {kind}, for {time}");
    }

    private void LivePhase()
    {
        switch (_random.Next(6))
        {
            case 0:
                Vendor.Come(Now, TimeSpan.FromSeconds(_random.OneOf(3, 20, 60)));
                RunEach(Poll, _random.Next(5, 15));
                break;
            case 1:
                Vendor.Burst(
                    Now,
                    _random.Next(3, 40),
                    _random.OneOf(TimeSpan.Zero, TimeSpan.FromMilliseconds(70), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)));
                Vendor.Come(Now, TimeSpan.FromMinutes(5));
                RunEach(Poll, 4);
                RunEach(TimeSpan.FromMinutes(6), 4);
                break;
            case 2:
                Vendor.Come(Now, TimeSpan.FromHours(2));
                RunEach(TimeSpan.FromHours(_random.Next(1, 9)), _random.Next(4, 10));
                break;
            case 3:
                Vendor.Come(Now, TimeSpan.FromHours(5));
                for (var nights = _random.Next(3, 7); nights > 0; nights--)
                {
                    Kill();
                    Run(isOnce: true);
                    Drain();
                    Wait(TimeSpan.FromDays(1));
                }

                break;
            case 4:
                Vendor.Come(Now, TimeSpan.FromDays(3));
                RunEach(TimeSpan.FromDays(_random.Next(3, 30)), _random.Next(1, 4));
                break;
            default:
                LiveWithAnother();
                break;
        }

        if (IsHostWrong())
        {
            Clock.SetWallClock(Now);
            Tell("the host's clock is right again");
        }

        Drain();
    }

    /// <summary>Another organisation behind the credential for a while, or another process.</summary>
    private void LiveWithAnother()
    {
        Vendor.Come(Now, TimeSpan.FromMinutes(10));
        Run();
        var isKnown = IsIntercom ? _options.Account is not null : Oracle.Checkpoint?.Cursor?.Accounts.Count > 0;
        if (_random.Is(0.5) && isKnown)
        {
            Kill();
            Begin(FaultKind.OtherOrganisation, TimeSpan.FromDays(1));
            for (var i = 0; i < 3; i++)
            {
                if (Run() is { End: RunEnd.UpToDate }) Oracle.Fail("up to date is said of another organisation's records");

                Wait(TimeSpan.FromMinutes(7));
            }

            Vendor.Faults[^1] = Vendor.Faults[^1] with { To = Now };
            Kill();
        }
        else if (_folder is not null)
        {
            Process();
            try
            {
                Open().DisposeAsync().AsTask().GetAwaiter().GetResult();
                Oracle.Fail("two processes own one journal");
            }
            catch (JournalBusyException)
            {
                Tell("a second process is refused");
            }
        }
        else
        {
            Rival();
        }

        RunEach(TimeSpan.FromMinutes(2), 3);
    }

    private void RunEach(TimeSpan pause, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Run();
            Wait(pause);
        }
    }

    private void Wait(TimeSpan time) => Clock.Advance(time);

    private RunOutcome? Run(bool isOnce = false)
    {
        var process = Process();
        var began = Now;
        var host = Clock.GetUtcNow();
        _runs++;
        _requestsBefore = Vendor.Requests;
        var commits = Oracle.Commits;
        Tell(isOnce ? "run once" : "run");
        using var deadline = new CancellationTokenSource(isOnce ? TimeSpan.FromMinutes(30) : Timeout.InfiniteTimeSpan, Clock);
        var run = isOnce ? process.Runner.RunOnceAsync(deadline.Token, default) : process.Runner.RunAsync(default);
        if (!Drive(run, process.Life, deadline.Token))
        {
            ThrowIfFailed();
            return null;
        }

        var outcome = run.GetAwaiter().GetResult();
        Tell($"-> {outcome}");
        ThrowIfFailed();
        // A run begins by the date of the last answer, however long ago that was.
        var date = Vendor.Faults.Exists(f => f.Kind == FaultKind.DateBehind && f.From <= Now) ? Vendor.Habits.Behind : TimeSpan.Zero;
        Oracle.Behind = began - host > date ? began - host : date;
        if (outcome.End == RunEnd.UpToDate && Oracle.Missing(began) is { Count: > 0 } missing)
        {
            Oracle.Fail($"up to date is said, and missing are: {string.Join(", ", missing.Select(id => $"{id} ({Oracle.RecordOf(id)})"))}");
        }

        if (outcome.End == RunEnd.UpToDate) Oracle.EndComingAgain();

        if (outcome.Failure is { } defect and not SourceException and not JournalException and not OperationCanceledException)
        {
            Oracle.Fail($"a defect: {defect}");
        }

        CheckCost(process.Options, commits);
        Oracle.CheckKnown(process.Journal);
        ThrowIfFailed();
        return outcome;
    }

    /// <summary>
    /// A run costs what there is to read: each record a share of a page, read a few times at the most (a second with more than a page is walked
    /// twice, from both sides of an edge, by the poll, the sweep and for suspect ranges), and a search through the years before the first. Where
    /// the vendor does something wrong only the far bound of <see cref="MayAsk"/> holds, and for a day after that.
    /// </summary>
    private void CheckCost(WorldOptions options, int commits)
    {
        if (Oracle.Checkpoint?.Ranges is { Count: > 0 } || Vendor.HasAny(Now)
            || Vendor.Faults.Exists(f => f.To > Now.AddDays(-1) && f.From < Now) || _rivalChance > 0)
        {
            return;
        }

        var most = 200 + (80 * Vendor.Records.Count / options.PageSize);
        if (Vendor.Requests - _requestsBefore > most)
        {
            Oracle.Fail($"a run sent {Vendor.Requests - _requestsBefore} requests for {Vendor.Records.Count} records in pages of {options.PageSize}");
        }

        if (Oracle.Commits - commits > most)
        {
            Oracle.Fail($"a run made {Oracle.Commits - commits} commits for {Vendor.Records.Count} records");
        }
    }

    /// <summary>A second process takes the source, reads once and goes.</summary>
    private void Rival()
    {
        _isRival = true;
        Tell("a second process takes the source");
        var life = new Life(_crashes, () => 0, _ => { });
        var rival = NewProcess(life, Open());
        Drive(rival.Runner.RunAsync(default), life);
        Tell("the second process goes");
        life.End();
        _isRival = false;
    }

    private void Drain()
    {
        var process = Process();
        var work = process.DrainAsync();
        if (Drive(work, process.Life)) work.GetAwaiter().GetResult();
    }

    /// <summary>Nothing is wrong any more: after some hours everything is there, and a run costs next to nothing.</summary>
    private void End()
    {
        Tell("from now on nothing is wrong");
        _isCalm = true;
        Vendor.Left = 0;
        for (var i = 0; i < Vendor.Faults.Count; i++)
        {
            Vendor.Faults[i] = Vendor.Faults[i].To > Now ? Vendor.Faults[i] with { To = Now } : Vendor.Faults[i];
        }

        Clock.SetWallClock(Now);
        Kill();
        var began = Now;
        RunEach(Poll, 2);
        CancelRanges();
        for (var i = 0; i < 12; i++)
        {
            Run(isOnce: i % 2 == 0);
            Wait(Calm / 12);
        }

        if (Run() is not { End: RunEnd.UpToDate })
        {
            Oracle.Fail($"nothing has been wrong since {began:u}, and a run still ends with: {_process!.Runner.Last}");
            throw new WorldEndedException();
        }

        if (Oracle.SweepsSince(began) == 0) Oracle.Fail($"no sweep was completed since {began:u}");

        CheckIdle();
        Drain();
        if (!Sink.Ids.SetEquals(Oracle.Documents)) Oracle.Fail("the sink does not hold what the journal does");
    }

    /// <summary>A run with nothing to read and no sweep.</summary>
    private void CheckIdle()
    {
        // A page with a time of the near future is young until that has passed.
        if (Vendor.Records.Any(r => r.IsDated && r.Time > Now - Vendor.Habits.Overlap)) return;

        // The pages of the newest records, where these are hidden, are asked for in both orders, until they are old enough to be passed.
        var hidden = Enumerable.Reverse(Vendor.Records).Where(r => r.IsVisible(Now)).TakeWhile(r => r.IsHidden).Count();
        var most = IsIntercom ? 4 : 10 + (hidden / _options.PageSize);
        var isAgain = false;
        for (var tries = 0; tries < 20; tries++)
        {
            Wait(Poll);
            var (requests, commits, swept) = (Vendor.Requests, Oracle.Commits, Oracle.Checkpoint?.Sweep);
            Run();
            if (Oracle.Checkpoint?.Sweep == swept && swept?.Run is null)
            {
                if (Vendor.Requests - requests > most || Oracle.Commits - commits > 1)
                {
                    // After a sweep has found the newest record late, a poll looks for it from an earlier cursor, once.
                    if (!isAgain)
                    {
                        isAgain = true;
                        continue;
                    }

                    Oracle.Fail($"a run with nothing to read sent {Vendor.Requests - requests} requests and made {Oracle.Commits - commits} commits");
                }

                return;
            }
        }

        Oracle.Fail("a sweep has no end");
    }
}
