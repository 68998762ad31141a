using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sources;

/// <summary>Runs code to its end by moving the clock to each timer it waits for: no real time passes.</summary>
internal static class Driven
{
    public static T Run<T>(this ManualTimeProvider clock, Func<Task<T>> body)
    {
        // Without a context every continuation runs inside Advance, so the clock never moves while the code under test is at work.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var task = body();
            while (!task.IsCompleted)
            {
                var timer = clock.NextTimerAsync();
                Assert.True(timer.IsCompleted, "The code under test waits, but not for the clock.");
                clock.Advance(timer.GetAwaiter().GetResult());
            }

            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public static void Run(this ManualTimeProvider clock, Func<Task> body) => clock.Run(async () =>
    {
        await body();
        return 0;
    });
}
