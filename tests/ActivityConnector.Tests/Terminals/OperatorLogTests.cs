using ActivityConnector.Terminals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Terminals;

/// <summary>The log on a standard error that nobody reads. It is of the whole process, so nothing else runs meanwhile.</summary>
[Collection(nameof(OperatorLogTests))]
public sealed partial class OperatorLogTests
{
    [Fact]
    public async Task A_log_that_nobody_reads_holds_up_neither_work_nor_the_end_and_counts_what_it_drops()
    {
        var before = Console.Error;
        using var unread = new UnreadWriter();
        Console.SetError(unread);
        try
        {
            using (var logs = OperatorLog.Create(Unread()))
            {
                var log = logs.CreateLogger("test");
                for (var line = 0; line < 3 * OperatorLog.MostWaiting; line++) LogLine(log, line);

                unread.Read();
                await unread.HasAsync("line 2000");
                LogLine(log, int.MaxValue);
                await unread.HasAsync("message(s) dropped");
            }

            using var blocked = new UnreadWriter();
            Console.SetError(blocked);
            using var ended = OperatorLog.Create(Unread());
            var last = ended.CreateLogger("test");
            LogLine(last, 0);
        }
        finally
        {
            Console.SetError(before);
        }
    }

    private static Terminal Unread() => new()
    {
        In = Stream.Null,
        Out = TextWriter.Null,
        OutBytes = Stream.Null,
        Error = TextWriter.Null,
        IsInteractive = false,
        CanAsk = false,
        Environment = new Dictionary<string, string>(),
        WorkingDirectory = Path.GetTempPath(),
        Clock = new ManualTimeProvider(),
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "line {Number}")]
    private static partial void LogLine(ILogger log, int number);

    /// <summary>Takes nothing until it is read.</summary>
    private sealed class UnreadWriter : StringWriter
    {
        private readonly ManualResetEventSlim _isRead = new();
        private readonly Lock _gate = new();
        private readonly List<(string Text, TaskCompletionSource Has)> _wanted = [];

        public void Read() => _isRead.Set();

        public Task HasAsync(string text)
        {
            var has = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                _wanted.Add((text, has));
            }

            Look();
            return has.Task;
        }

        public override void Write(string? value)
        {
            _isRead.Wait();
            lock (_gate)
            {
                base.Write(value);
            }

            Look();
        }

        protected override void Dispose(bool disposing)
        {
            _isRead.Set();
            base.Dispose(disposing);
        }

        private void Look()
        {
            lock (_gate)
            {
                foreach (var (text, has) in _wanted.Where(w => ToString().Contains(w.Text, StringComparison.Ordinal))) has.TrySetResult();
            }
        }
    }
}

/// <summary>Tests that replace the standard error of the process.</summary>
[CollectionDefinition(nameof(OperatorLogTests), DisableParallelization = true)]
public sealed class OperatorLogCollection;
