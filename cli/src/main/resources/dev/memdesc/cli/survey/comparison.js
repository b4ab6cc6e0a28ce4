(function () {
  'use strict';
  var processes = JSON.parse(document.getElementById('data').textContent);
  var charts = {};
  ['pages', 'tables', 'mapped'].forEach(function (id) {
    charts[id] = echarts.init(document.getElementById(id), null, { renderer: 'svg' });
  });
  var columns = [
    ['pageKiB', 'page KiB'], ['tables', 'tables'], ['predictedVmPteKiB', 'VmPTE KiB'],
    ['pagesKiB', 'pages KiB'], ['fragments', 'fragments'], ['fragmentPages', 'of pages'],
    ['wasteKiB', 'waste KiB'], ['mappedKiB', 'mapped KiB']
  ];

  /** The sums over all processes, as if they were one. */
  function all() {
    var formats = processes[0].formats.map(function (first, index) {
      var sum = { format: first.format, pageKiB: first.pageKiB, notes: [] };
      columns.slice(1).forEach(function (column) {
        sum[column[0]] = processes.reduce(function (total, one) {
          return total + one.formats[index][column[0]];
        }, 0);
      });
      return sum;
    });
    return {
      title: processes.length + ' processes',
      kernelVmPteKiB: sumOf('kernelVmPteKiB'),
      residentKiB: sumOf('residentKiB'),
      formats: formats,
      badLines: []
    };
  }

  function sumOf(key) {
    return processes.reduce(function (total, one) { return total + one[key]; }, 0);
  }

  function number(n) {
    return Number(n).toLocaleString('en');
  }

  function cell(line, tag, text) {
    var made = document.createElement(tag);
    made.textContent = text;
    line.appendChild(made);
  }

  function draw(chart, names, unit, series) {
    chart.setOption({
      animation: false,
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
      legend: { show: series.length > 1 },
      grid: { left: 20, right: 40, top: 40, bottom: 20, containLabel: true },
      xAxis: { type: 'value', name: unit, minInterval: 1 },
      yAxis: { type: 'category', data: names, inverse: true },
      series: series.map(function (one) {
        return { name: one[0], type: 'bar', stack: 'one', data: one[1] };
      })
    }, true);
  }

  function show(subject) {
    document.getElementById('answer').textContent =
      subject.title + ': VmPTE is ' + number(subject.kernelVmPteKiB) + ' KiB, ' +
      number(subject.residentKiB) + ' KiB are resident.';
    var notes = document.getElementById('notes');
    notes.textContent = '';
    var texts = subject.formats.reduce(function (found, one) {
      return found.concat(one.notes);
    }, []).concat(subject.badLines);
    texts.filter(function (text, index) { return texts.indexOf(text) === index; })
      .forEach(function (text) {
        var note = document.createElement('p');
        note.className = 'note';
        note.textContent = text;
        notes.appendChild(note);
      });
    var table = document.getElementById('formats');
    table.textContent = '';
    var head = table.insertRow();
    cell(head, 'th', 'format');
    columns.forEach(function (column) { cell(head, 'th', column[1]); });
    subject.formats.forEach(function (one) {
      var line = table.insertRow();
      cell(line, 'td', one.format);
      columns.forEach(function (column) { cell(line, 'td', number(one[column[0]])); });
    });
    var names = subject.formats.map(function (one) { return one.format; });
    function values(of) {
      return subject.formats.map(of);
    }
    draw(charts.pages, names, 'KiB', [
      ['walked', values(function (one) { return one.pagesKiB - one.wasteKiB; })],
      ['waste', values(function (one) { return one.wasteKiB; })]
    ]);
    draw(charts.tables, names, 'tables', [
      ['own pages', values(function (one) { return one.tables - one.fragments; })],
      ['fragments', values(function (one) { return one.fragments; })]
    ]);
    draw(charts.mapped, names, 'KiB', [
      ['mapped', values(function (one) { return one.mappedKiB; })]
    ]);
  }

  var subjects = processes.map(function (one) {
    one.title = 'pid ' + one.pid + ' (' + one.command + ')';
    return one;
  });
  if (processes.length > 1) {
    subjects.unshift(all());
  }
  var select = document.getElementById('process');
  subjects.forEach(function (subject, index) {
    var option = document.createElement('option');
    option.value = index;
    option.textContent = subject.title;
    select.appendChild(option);
  });
  select.addEventListener('change', function () { show(subjects[select.value]); });
  if (subjects.length > 0) {
    show(subjects[0]);
  }
}());
