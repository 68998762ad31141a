using ActivityConnector.Scheduling;

namespace ActivityConnector.Tests.World;

/// <content>What happens in a world, drawn from its seed.</content>
internal sealed partial class World
{
    private int _runs;
    private int _deaths;

    private VendorHabits DrawHabits(TimeSpan overlap) => new()
    {
        Overlap = overlap,
        HasItems = !IsIntercom,
        EndForm = _random.Next(5),
        HasInclusiveBounds = _random.Is(0.5),
    };

    private int DrawPageSize() => IsIntercom ? _random.OneOf(1, 2, 3, 5, 10, 20, 250) : _random.OneOf(1, 2, 3, 5, 10, 20, 100);

    private void Live()
    {
        Vendor.Left = 60;
        Vendor.Remember(Now.AddDays(-30), Now, 20);
        Vendor.Come(Now, TimeSpan.FromMinutes(2));
        for (var i = 0; i < 20; i++)
        {
            Run();
            Wait(TimeSpan.FromSeconds(30));
        }

        Wait(TimeSpan.FromDays(1));
        Run();
        End();
    }

    private void Wait(TimeSpan time) => Clock.Advance(time);

    private RunOutcome? Run()
    {
        _runs++;
        var process = Process();
        var began = Now;
        _requestsBefore = Vendor.Requests;
        Tell("run");
        var run = process.Runner.RunAsync(default);
        if (!Drive(run, process.Life))
        {
            ThrowIfFailed();
            return null;
        }

        var outcome = run.GetAwaiter().GetResult();
        Tell($"-> {outcome}");
        ThrowIfFailed();
        if (outcome.End == RunEnd.UpToDate && Oracle.Missing(began) is { Count: > 0 } missing)
        {
            Oracle.Fail($"up to date is said, and missing are: {string.Join(", ", missing.Select(id => $"{id} ({Oracle.RecordOf(id)})"))}");
        }

        ThrowIfFailed();
        return outcome;
    }

    private void Drain()
    {
        var process = Process();
        var work = process.DrainAsync();
        if (Drive(work, process.Life))
        {
            work.GetAwaiter().GetResult();
        }
    }

    /// <summary>Nothing is wrong any more: after some hours everything is there.</summary>
    private void End()
    {
        Drain();
        Drain();
        if (!Sink.Ids.SetEquals(Oracle.Documents))
        {
            Oracle.Fail("the sink does not hold what the journal does");
        }
    }
}
