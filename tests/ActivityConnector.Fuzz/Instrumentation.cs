using SharpFuzz;

namespace ActivityConnector.Fuzz;

/// <summary>Makes the product's assemblies beside this program count the branches that they take. A build puts the plain ones back.</summary>
internal static class Instrumentation
{
    public static void Apply(params IEnumerable<string> assemblies)
    {
        foreach (var name in assemblies)
        {
            try
            {
                Fuzzer.Instrument(Path.Combine(AppContext.BaseDirectory, name), _ => true, Options.Value);
            }
            catch (InstrumentationException)
            {
                // It counts already.
            }
        }
    }
}
